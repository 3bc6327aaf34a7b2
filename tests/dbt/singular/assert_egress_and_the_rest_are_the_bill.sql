-- Fails with each source, billing period and currency where data transfer by path and the charges
-- that move no data do not add up to the bill, and where a path has more egress than it moved.
with moving as (

    select distinct source_name, billing_period, attribution_key from {{ ref('transfer_paths') }}

),

bill as (

    select
        keys.source_name,
        keys.billing_period,
        keys.billing_currency,
        sum(keys.billed_cost) as billed_cost,
        sum(keys.effective_cost) as effective_cost,
        sum(case when moving.attribution_key is null then keys.billed_cost else 0 end)
            as other_billed_cost,
        sum(case when moving.attribution_key is null then keys.effective_cost else 0 end)
            as other_effective_cost
    from {{ ref('attribution_keys') }} as keys
    left join moving
        on
            keys.source_name = moving.source_name
            and keys.billing_period = moving.billing_period
            and keys.attribution_key = moving.attribution_key
    group by keys.source_name, keys.billing_period, keys.billing_currency

),

paths as (

    select
        source_name,
        billing_period,
        billing_currency,
        sum(billed_cost) as billed_cost,
        sum(effective_cost) as effective_cost,
        count(case when egress_gigabytes > gigabytes and gigabytes >= 0 then 1 end)
            as paths_with_too_much_egress
    from {{ ref('paths_daily') }}
    group by source_name, billing_period, billing_currency

)

select
    coalesce(bill.source_name, paths.source_name) as source_name,
    coalesce(bill.billing_period, paths.billing_period) as billing_period,
    bill.billed_cost,
    bill.other_billed_cost + coalesce(paths.billed_cost, 0) as counted_billed_cost,
    bill.effective_cost,
    bill.other_effective_cost + coalesce(paths.effective_cost, 0) as counted_effective_cost,
    paths.paths_with_too_much_egress
from bill
full outer join paths
    on
        bill.source_name = paths.source_name
        and bill.billing_period = paths.billing_period
        and bill.billing_currency is not distinct from paths.billing_currency
where
    bill.billed_cost is distinct from bill.other_billed_cost + coalesce(paths.billed_cost, 0)
    or bill.effective_cost
    is distinct from bill.other_effective_cost + coalesce(paths.effective_cost, 0)
    or coalesce(paths.paths_with_too_much_egress, 0) > 0
