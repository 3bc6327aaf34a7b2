-- Fails with each commitment of which FOCUS does not show, as used or unused, what the bill says it
-- cost in the period, or whose fee it does not bill. Where the bill disagrees with itself, that is
-- source_gap, not a failure here.
select
    source_name,
    billing_period,
    billing_account_id,
    billing_currency,
    commitment_discount_id,
    commitment_cost as expected_cost,
    effective_used_cost + effective_unused_cost + effective_fee_cost as actual_cost,
    source_gap,
    rounding_residual,
    fee_gap,
    balance_gap as gap
from {{ ref('commitment_balance') }}
where status = 'gap'
