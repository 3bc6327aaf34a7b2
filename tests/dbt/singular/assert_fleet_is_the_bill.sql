-- Fails with each source, billing period and currency whose fleet, hours and all else, adds up to
-- something else than the bill of machines with accelerators.
with bill as (

    select
        keys.source_name,
        keys.billing_period,
        keys.billing_currency,
        sum(keys.billed_cost) as billed_cost,
        sum(keys.effective_cost) as effective_cost
    from {{ ref('attribution_keys') }} as keys
    inner join {{ ref('key_accelerators') }} as accelerators
        on
            keys.source_name = accelerators.source_name
            and keys.billing_period = accelerators.billing_period
            and keys.attribution_key = accelerators.attribution_key
    group by keys.source_name, keys.billing_period, keys.billing_currency

),

fleet as (

    select
        source_name,
        billing_period,
        billing_currency,
        sum(billed_cost) as billed_cost,
        sum(effective_cost) as effective_cost
    from {{ ref('fleet_daily') }}
    group by source_name, billing_period, billing_currency

)

select
    coalesce(bill.source_name, fleet.source_name) as source_name,
    coalesce(bill.billing_period, fleet.billing_period) as billing_period,
    bill.billed_cost as expected_billed_cost,
    fleet.billed_cost,
    bill.effective_cost as expected_effective_cost,
    fleet.effective_cost
from bill
full outer join fleet
    on
        bill.source_name = fleet.source_name
        and bill.billing_period = fleet.billing_period
        and bill.billing_currency is not distinct from fleet.billing_currency
where
    bill.billed_cost is distinct from fleet.billed_cost
    or bill.effective_cost is distinct from fleet.effective_cost
