-- Fails with each source and billing period that has other rows or other costs once owners are
-- joined.
with attributed as (

    select
        x_source_name as source_name,
        x_billing_period as billing_period,
        count(*) as charge_rows,
        count(x_owner_source) as attributed_rows,
        sum(billed_cost) as billed_cost,
        sum(effective_cost) as effective_cost
    from {{ ref('ownership_cost_and_usage') }}
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

)

select
    coalesce(attributed.source_name, keys.source_name) as source_name,
    coalesce(attributed.billing_period, keys.billing_period) as billing_period,
    keys.charge_rows as expected_rows,
    attributed.charge_rows,
    attributed.attributed_rows,
    keys.billed_cost as expected_billed_cost,
    attributed.billed_cost
from attributed
full outer join keys
    on
        attributed.source_name = keys.source_name
        and attributed.billing_period = keys.billing_period
where
    attributed.charge_rows is distinct from keys.charge_rows
    or attributed.attributed_rows is distinct from keys.charge_rows
    or attributed.billed_cost is distinct from keys.billed_cost
    or attributed.effective_cost is distinct from keys.effective_cost
