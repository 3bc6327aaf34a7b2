{#- A tag key without case and separators: bills rewrite keys (CostCenter is cost_center in a CUR),
    inventories have them as typed. -#}
{% macro tag_match_key(tag_key) -%}
    lower(replace(replace(replace(replace(
        {{ tag_key }}, '_', ''), '-', ''), ' ', ''), ':', ''))
{%- endmacro %}
