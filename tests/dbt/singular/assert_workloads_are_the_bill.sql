-- Fails with each source, billing period and currency whose costs by workload add up to something
-- else than the bill.
with bill as (

    select
        source_name,
        billing_period,
        billing_currency,
        sum(charge_rows) as charge_rows,
        sum(billed_cost) as billed_cost,
        sum(effective_cost) as effective_cost
    from {{ ref('attribution_keys') }}
    group by source_name, billing_period, billing_currency

),

workloads as (

    select
        source_name,
        billing_period,
        billing_currency,
        sum(charge_rows) as charge_rows,
        sum(billed_cost) as billed_cost,
        sum(effective_cost) as effective_cost
    from {{ ref('cost_by_workload_daily') }}
    group by source_name, billing_period, billing_currency

)

select
    coalesce(bill.source_name, workloads.source_name) as source_name,
    coalesce(bill.billing_period, workloads.billing_period) as billing_period,
    bill.billed_cost as expected_billed_cost,
    workloads.billed_cost,
    bill.effective_cost as expected_effective_cost,
    workloads.effective_cost
from bill
full outer join workloads
    on
        bill.source_name = workloads.source_name
        and bill.billing_period = workloads.billing_period
        and bill.billing_currency is not distinct from workloads.billing_currency
where
    bill.charge_rows is distinct from workloads.charge_rows
    or bill.billed_cost is distinct from workloads.billed_cost
    or bill.effective_cost is distinct from workloads.effective_cost
