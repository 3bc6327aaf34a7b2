{{ config(
    materialized='incremental',
    pre_hook="{{ delete_queued('source_name', 'billing_period') }}"
) }}

-- One row per source, billing period and attribution key: all that rules may look at, and what its
-- charges amount to. The one place of attribution that reads the bill; read once per changed
-- period.
with charges as (

    select * from {{ ref('cost_and_usage') }}
    where {{ rebuild_predicate('x_source_name', 'x_billing_period') }}

)

select
    x_source_name as source_name,
    x_billing_period as billing_period,
    x_attribution_key as attribution_key,
    min(x_source_kind) as source_kind,
    -- All rows of a key agree, so which one answers does not matter; a test compares them.
    {%- for column in attribution_columns() %}
    any_value({{ column }}) as {{ column }},
    {%- endfor %}
    min(charge_period_start) as first_charge_at,
    max(charge_period_end) as last_charge_end_at,
    count(*) as charge_rows,
    {{ money('sum(billed_cost)') }} as billed_cost,
    {{ money('sum(effective_cost)') }} as effective_cost,
    {{ money('sum(list_cost)') }} as list_cost
from charges
group by x_source_name, x_billing_period, x_attribution_key
