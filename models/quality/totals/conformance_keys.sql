-- One row per source, billing period, rule, key and value of a column that may have one per key.
-- Kept per period, so that keys are compared across months without reading the months again.
{% for rule in conformance_key_rules() %}
select
    x_source_name as source_name,
    x_billing_period as billing_period,
    '{{ rule.id }}' as rule_id,
    {{ rule.key }} as key_value,
    {{ rule.column }} as column_value,
    count(*) as charge_rows
from {{ ref('cost_and_usage') }}
where
    {{ rebuild_predicate('x_source_name', 'x_billing_period') }}
    and {{ rule.key }} is not null
    and {{ rule.column }} is not null
group by x_source_name, x_billing_period, {{ rule.key }}, {{ rule.column }}
{{ 'union all' if not loop.last }}
{%- endfor %}
