-- One row per source, billing period, billing account, currency and commitment: what it cost in the
-- period, how much of that was used and how much was not, and where the bill disagrees with itself.
with focus_commitments as (

    select * from {{ ref('focus_commitments') }}

),

staged_commitments as (

    select * from {{ ref('staged_commitments') }}

),

tolerance as (

    select * from {{ ref('quality_tolerances') }} where tolerance_name = 'commitment_source_gap'

),

-- Both sides stacked: a commitment that one of them lacks still gets its row.
both_sides as (

    select
        source_name,
        billing_period,
        billing_account_id,
        billing_currency,
        commitment_discount_id,
        commitment_discount_type,
        recurring_fee_cost,
        amortized_upfront_cost,
        upfront_fee_cost,
        effective_used_cost,
        effective_unused_cost,
        effective_fee_cost,
        0 as commitment_cost,
        0 as stated_used_cost,
        0 as source_gap,
        0 as rounding_residual
    from focus_commitments
    union all
    select
        source_name,
        billing_period,
        billing_account_id,
        billing_currency,
        commitment_discount_id,
        null as commitment_discount_type,
        0 as recurring_fee_cost,
        0 as amortized_upfront_cost,
        0 as upfront_fee_cost,
        0 as effective_used_cost,
        0 as effective_unused_cost,
        0 as effective_fee_cost,
        fee_cost as commitment_cost,
        stated_used_cost,
        stated_used_cost - covered_cost as source_gap,
        fee_cost - stated_commitment_cost as rounding_residual
    from staged_commitments

),

totals as (

    select
        source_name,
        billing_period,
        billing_account_id,
        billing_currency,
        commitment_discount_id,
        max(commitment_discount_type) as commitment_discount_type,
        {{ money('sum(upfront_fee_cost)') }} as upfront_fee_cost,
        {{ money('sum(recurring_fee_cost)') }} as recurring_fee_cost,
        {{ money('sum(amortized_upfront_cost)') }} as amortized_upfront_cost,
        {{ money('sum(commitment_cost)') }} as commitment_cost,
        {{ money('sum(effective_used_cost)') }} as effective_used_cost,
        {{ money('sum(effective_unused_cost)') }} as effective_unused_cost,
        {{ money('sum(effective_fee_cost)') }} as effective_fee_cost,
        {{ money('sum(stated_used_cost)') }} as stated_used_cost,
        {{ money('sum(source_gap)') }} as source_gap,
        {{ money('sum(rounding_residual)') }} as rounding_residual
    from both_sides
    group by
        source_name, billing_period, billing_account_id, billing_currency, commitment_discount_id

),

balanced as (

    select
        *,
        {{ money('commitment_cost - recurring_fee_cost - amortized_upfront_cost') }} as fee_gap,
        {{ money(
            'commitment_cost - effective_used_cost - effective_unused_cost - effective_fee_cost'
            ~ ' - source_gap - rounding_residual'
        ) }} as balance_gap
    from totals

)

select
    balanced.*,
    {{ ratio('effective_used_cost', 'commitment_cost') }} as used_ratio,
    case
        -- A millionth: net bills state shares, whose products are rounded at the 16th decimal.
        when fee_gap <> 0 or abs(balance_gap) > 0.000001 then 'gap'
        when
            abs(source_gap) > tolerance.tolerance_amount
            and abs(source_gap) > tolerance.tolerance_ratio * abs(commitment_cost)
            then 'bill_disagrees'
        else 'balanced'
    end as status
from balanced
cross join tolerance
