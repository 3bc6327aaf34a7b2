-- One row per source, billing period, billing account, currency and commitment: what a native FOCUS
-- export itself says was paid for, used and covered. Each landed file is read once, when it is new.
with charges as (

    select * from {{ ref('int_native_charges__cleaned') }}
    where
        {{ rebuild_predicate('source_name', 'billing_period') }}
        and commitment_discount_id is not null
        and charge_class is null

),

commitments as (

    select
        source_name,
        billing_period,
        billing_account_id,
        billing_currency,
        commitment_discount_id,
        {{ money("sum(case when charge_category = 'Purchase'"
            ~ " and charge_frequency = 'Recurring' then billed_cost else 0 end)") }}
            as recurring_cost,
        {{ money('sum(coalesce(amortized_upfront_cost, 0))') }} as amortized_cost,
        -- A purchase that keeps its effective cost counts as used: it is not on usage.
        {{ money("sum(case when commitment_discount_status = 'Used' or charge_category = 'Purchase'"
            ~ " then coalesce(effective_cost, billed_cost) else 0 end)") }} as used_cost,
        {{ money("sum(case when commitment_discount_status = 'Unused'"
            ~ " then coalesce(effective_cost, billed_cost) else 0 end)") }} as unused_cost
    from charges
    group by 1, 2, 3, 4, 5

)

-- What was used and left idle beyond the period's fees is the share of an upfront fee, which FOCUS
-- has no column for: it becomes the residual. Fees beyond what was used and left idle are a
-- disagreement of the bill with itself: its fees then leave more to be used than its usage shows.
select
    source_name,
    billing_period,
    billing_account_id,
    billing_currency,
    commitment_discount_id,
    {{ money('recurring_cost + amortized_cost') }} as fee_cost,
    greatest(
        {{ money('recurring_cost + amortized_cost') }}, {{ money('used_cost + unused_cost') }}
    ) as stated_commitment_cost,
    greatest({{ money('recurring_cost + amortized_cost - unused_cost') }}, used_cost)
        as stated_used_cost,
    used_cost as covered_cost
from commitments
