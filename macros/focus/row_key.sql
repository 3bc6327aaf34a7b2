{#- What tells one row of the cost table from another, for grouping: the part of a raw line, the
    resource that got a share of it, and for the hours of on-prem nodes, of which a line has
    thousands, node and hour. -#}
{% macro row_key(relation='') -%}
    {%- set prefix = relation ~ '.' if relation else '' -%}
    {{ prefix }}x_source_name, {{ prefix }}x_billing_period, {{ prefix }}x_source_file,
    {{ prefix }}x_source_row, {{ prefix }}x_source_part, {{ prefix }}allocated_resource_id,
    case when {{ prefix }}x_source_part = 'accrued_hour' then {{ prefix }}resource_id end,
    case when {{ prefix }}x_source_part = 'accrued_hour' then {{ prefix }}charge_period_start end
{%- endmacro %}
