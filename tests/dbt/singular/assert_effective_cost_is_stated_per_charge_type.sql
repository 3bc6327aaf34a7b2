-- Fails with each native charge type of an account whose provider states effective cost per line
-- and whose charges add up to something else in FOCUS: over the whole account a credit that was
-- taken for a commitment and one that was not would make up for each other.
with stated as (

    select
        source_name,
        billing_period,
        billing_account_id,
        billing_currency,
        charge_type,
        sum(stated_effective_cost) as stated_effective_cost
    from {{ ref('staged_totals') }}
    group by source_name, billing_period, billing_account_id, billing_currency, charge_type
    having count(stated_effective_cost) > 0

),

focus_by_type as (

    select
        source_name,
        billing_period,
        billing_account_id,
        billing_currency,
        charge_type,
        sum(effective_cost) as focus_effective_cost
    from {{ ref('focus_totals') }}
    group by source_name, billing_period, billing_account_id, billing_currency, charge_type

)

select
    stated.*,
    focus_by_type.focus_effective_cost
from stated
left join focus_by_type
    on
        stated.source_name = focus_by_type.source_name
        and stated.billing_period = focus_by_type.billing_period
        and stated.billing_account_id is not distinct from focus_by_type.billing_account_id
        and stated.billing_currency is not distinct from focus_by_type.billing_currency
        and stated.charge_type is not distinct from focus_by_type.charge_type
where stated.stated_effective_cost <> coalesce(focus_by_type.focus_effective_cost, 0)
