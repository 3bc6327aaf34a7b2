{{ config(
    materialized='incremental',
    pre_hook="{{ delete_queued('source_name', 'billing_period') }}"
) }}

-- One row per source, billing period, attribution key, day of charge, consumed unit, token
-- direction and cache action: what was charged and used. Read once per changed period; whatever
-- adds up costs by owner reads this. Owners change at midnight, so charge_date finds the interval
-- of key_attributions: cast(charge_date as timestamp) >= valid_from and < valid_to.
with charges as (

    select * from {{ ref('cost_and_usage') }}
    where {{ rebuild_predicate('x_source_name', 'x_billing_period') }}

)

select
    x_source_name as source_name,
    x_billing_period as billing_period,
    x_attribution_key as attribution_key,
    cast(charge_period_start as date) as charge_date,
    consumed_unit,
    x_token_direction as token_direction,
    x_token_cache_action as token_cache_action,
    count(*) as charge_rows,
    {{ money('sum(billed_cost)') }} as billed_cost,
    {{ money('sum(effective_cost)') }} as effective_cost,
    {{ money('sum(list_cost)') }} as list_cost,
    {{ money('sum(contracted_cost)') }} as contracted_cost,
    sum(consumed_quantity) as consumed_quantity
from charges
group by
    x_source_name,
    x_billing_period,
    x_attribution_key,
    cast(charge_period_start as date),
    consumed_unit,
    x_token_direction,
    x_token_cache_action
