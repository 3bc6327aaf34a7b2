-- Fails with each source and billing period whose keys, or their days, do not add up to its bill.
with charges as (

    select
        x_source_name as source_name,
        x_billing_period as billing_period,
        count(*) as charge_rows,
        sum(billed_cost) as billed_cost,
        sum(effective_cost) as effective_cost
    from {{ ref('cost_and_usage') }}
    group by x_source_name, x_billing_period

),

keys as (

    select
        source_name,
        billing_period,
        sum(charge_rows) as charge_rows,
        sum(billed_cost) as billed_cost,
        sum(effective_cost) as effective_cost
    from {{ ref('attribution_keys') }}
    group by source_name, billing_period

),

days as (

    select
        source_name,
        billing_period,
        sum(charge_rows) as charge_rows,
        sum(billed_cost) as billed_cost,
        sum(effective_cost) as effective_cost
    from {{ ref('daily_costs') }}
    group by source_name, billing_period

)

select
    coalesce(charges.source_name, keys.source_name) as source_name,
    coalesce(charges.billing_period, keys.billing_period) as billing_period,
    charges.billed_cost as charged_billed_cost,
    keys.billed_cost as keyed_billed_cost,
    days.billed_cost as daily_billed_cost
from charges
full outer join keys
    on charges.source_name = keys.source_name and charges.billing_period = keys.billing_period
left join days
    on charges.source_name = days.source_name and charges.billing_period = days.billing_period
where
    charges.charge_rows is distinct from keys.charge_rows
    or charges.billed_cost is distinct from keys.billed_cost
    or charges.effective_cost is distinct from keys.effective_cost
    or charges.charge_rows is distinct from days.charge_rows
    or charges.billed_cost is distinct from days.billed_cost
    or charges.effective_cost is distinct from days.effective_cost
