-- Fails with each commitment and capacity reservation whose days add up to something else than what
-- the bill says was used and unused of it in the billing period.
with bill as (

    select
        source_name,
        billing_period,
        billing_currency,
        case
            when commitment_discount_status is not null
                then coalesce(commitment_discount_id, 'unknown')
        end as commitment_discount_id,
        sum(case when commitment_discount_status = 'Used' then effective_cost else 0 end)
            as used_cost,
        sum(case when commitment_discount_status = 'Unused' then effective_cost else 0 end)
            as unused_cost,
        sum(case
            when
                capacity_reservation_status = 'Unused'
                and commitment_discount_status is distinct from 'Unused'
                then effective_cost
            else 0
        end) as empty_capacity_cost
    from {{ ref('attribution_keys') }}
    where commitment_discount_status is not null or capacity_reservation_status = 'Unused'
    group by
        source_name,
        billing_period,
        billing_currency,
        case
            when commitment_discount_status is not null
                then coalesce(commitment_discount_id, 'unknown')
        end

),

days as (

    select
        source_name,
        billing_period,
        billing_currency,
        commitment_discount_id,
        sum(used_cost) as used_cost,
        sum(unused_cost) as unused_cost,
        count(case
            when
                committed_cost <> used_cost + unused_cost
                or used_cost
                <> used_by_holder_team_cost + used_by_other_teams_cost + used_without_team_cost
                then 1
        end) as broken_days
    from {{ ref('commitments_daily') }}
    group by source_name, billing_period, billing_currency, commitment_discount_id

),

unused as (

    select
        source_name,
        billing_period,
        billing_currency,
        sum(unused_cost) as unused_cost
    from {{ ref('unused_capacity') }}
    where capacity_kind in ('commitment', 'capacity_reservation')
    group by source_name, billing_period, billing_currency

),

billed_unused as (

    select
        source_name,
        billing_period,
        billing_currency,
        sum(unused_cost + empty_capacity_cost) as unused_cost
    from bill
    group by source_name, billing_period, billing_currency

)

select
    coalesce(bill.source_name, days.source_name) as source_name,
    coalesce(bill.billing_period, days.billing_period) as billing_period,
    coalesce(bill.commitment_discount_id, days.commitment_discount_id) as commitment_discount_id,
    bill.used_cost as billed_used_cost,
    days.used_cost,
    bill.unused_cost as billed_unused_cost,
    days.unused_cost
from (select * from bill where commitment_discount_id is not null) as bill
full outer join days
    on
        bill.source_name = days.source_name
        and bill.billing_period = days.billing_period
        and bill.billing_currency = days.billing_currency
        and bill.commitment_discount_id = days.commitment_discount_id
where
    bill.used_cost is distinct from days.used_cost
    or bill.unused_cost is distinct from days.unused_cost
    or days.broken_days > 0
union all
select
    coalesce(billed_unused.source_name, unused.source_name) as source_name,
    coalesce(billed_unused.billing_period, unused.billing_period) as billing_period,
    'all that is unused' as commitment_discount_id,
    null as billed_used_cost,
    null as used_cost,
    billed_unused.unused_cost as billed_unused_cost,
    unused.unused_cost
from billed_unused
full outer join unused
    on
        billed_unused.source_name = unused.source_name
        and billed_unused.billing_period = unused.billing_period
        and billed_unused.billing_currency = unused.billing_currency
where coalesce(billed_unused.unused_cost, 0) <> coalesce(unused.unused_cost, 0)
