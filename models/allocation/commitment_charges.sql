{{ config(
    materialized='incremental',
    pre_hook="{{ delete_queued('source_name', 'billing_period') }}"
) }}

-- One row per source, billing period, attribution key, capacity reservation, day of charge and days
-- charged: what charges under a commitment or a reservation cost and count, and what machine time
-- that was paid in advance cost and gave. The bill read once for the schema rates.
with charges as (

    select
        *,
        {{ days_charged('charge_period_start', 'charge_period_end') }} as days_charged
    from {{ ref('cost_and_usage') }}
    where
        {{ rebuild_predicate('x_source_name', 'x_billing_period') }}
        and (
            commitment_discount_id is not null
            or commitment_discount_status is not null
            or capacity_reservation_id is not null
            or capacity_reservation_status is not null
            or x_instance_type is not null
            and (charge_category = 'Purchase' or (contracted_cost = 0 and list_cost <> 0))
        )

)

select
    x_source_name as source_name,
    x_billing_period as billing_period,
    x_attribution_key as attribution_key,
    billing_currency,
    capacity_reservation_id,
    cast(charge_period_start as date) as charge_date,
    days_charged,
    min(charge_period_start) as first_charge_at,
    max(charge_period_end) as last_charge_end_at,
    max(commitment_discount_unit) as commitment_unit,
    cast(count(*) as bigint) as charge_rows,
    {{ money('sum(billed_cost)') }} as billed_cost,
    {{ money('sum(effective_cost)') }} as effective_cost,
    {{ money('sum(list_cost)') }} as list_cost,
    {{ money('sum(contracted_cost)') }} as contracted_cost,
    {{ quantity('sum(commitment_discount_quantity)') }} as commitment_quantity,
    {{ quantity("sum(case when consumed_unit = 'Hours' then consumed_quantity end)") }}
        as consumed_hours,
    {{ quantity("sum(case when pricing_unit = 'Hours' then pricing_quantity end)") }}
        as priced_hours
from charges
group by
    x_source_name,
    x_billing_period,
    x_attribution_key,
    billing_currency,
    capacity_reservation_id,
    cast(charge_period_start as date),
    days_charged
