{#- Schemas are named as the folders are (focus, quality), without the target's name in front:
    developers are kept apart by their data folder, not by a prefix. -#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ (custom_schema_name or target.schema) | trim }}
{%- endmacro %}
