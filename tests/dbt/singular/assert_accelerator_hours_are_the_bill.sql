-- Law 3. Fails with each source, billing period and currency whose accelerator-hours by state, or
-- whose costs of accelerators and nodes, are not those of the bill; and with each policy of
-- splitting nodes under which idle and used are something else.
with bill as (

    select
        hours.source_name,
        hours.billing_period,
        hours.billing_currency,
        sum(hours.accelerator_hours) as accelerator_hours,
        sum(hours.billed_cost) as billed_cost,
        sum(hours.effective_cost) as effective_cost
    from {{ ref('machine_hours') }} as hours
    inner join {{ ref('key_accelerators') }} as accelerators
        on
            hours.source_name = accelerators.source_name
            and hours.billing_period = accelerators.billing_period
            and hours.attribution_key = accelerators.attribution_key
    group by hours.source_name, hours.billing_period, hours.billing_currency

),

states as (

    select
        source_name,
        billing_period,
        billing_currency,
        'states' as told_by,
        sum(used_hours + idle_held_hours + idle_free_hours + unallocated_hours + unknown_hours)
            as accelerator_hours,
        sum(machine_billed_cost) as billed_cost,
        sum(
            used_cost + idle_held_cost + idle_free_cost + unallocated_cost + unknown_cost
            + node_effective_cost
        ) as effective_cost
    from {{ ref('accelerator_hours') }}
    group by source_name, billing_period, billing_currency
    union all
    select
        source_name,
        billing_period,
        billing_currency,
        node_cost_policy as told_by,
        null as accelerator_hours,
        null as billed_cost,
        sum(
            used_cost + idle_held_cost + idle_free_cost + unallocated_cost + unknown_cost
            + node_effective_cost
        ) as effective_cost
    from {{ ref('cost_by_node_policy') }}
    group by source_name, billing_period, billing_currency, node_cost_policy

)

select
    coalesce(bill.source_name, states.source_name) as source_name,
    coalesce(bill.billing_period, states.billing_period) as billing_period,
    states.told_by,
    bill.accelerator_hours as billed_hours,
    states.accelerator_hours,
    bill.effective_cost as expected_effective_cost,
    states.effective_cost
from bill
full outer join states
    on
        bill.source_name = states.source_name
        and bill.billing_period = states.billing_period
        and bill.billing_currency is not distinct from states.billing_currency
where
    bill.effective_cost is distinct from states.effective_cost
    or (
        states.told_by = 'states'
        and (
            bill.accelerator_hours is distinct from states.accelerator_hours
            or bill.billed_cost is distinct from states.billed_cost
        )
    )
