{#- A parameter of the run policy; the seed says why it is what it is. -#}
{% macro run_parameter(name) -%}
    (select max(value) from {{ ref('run_policy') }} where parameter = '{{ name }}')
{%- endmacro %}
