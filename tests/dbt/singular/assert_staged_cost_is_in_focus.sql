-- Fails with each bill whose staged cost is not what FOCUS bills.
select
    source_name,
    billing_period,
    billing_account_id,
    billing_currency,
    staged_cost as expected_cost,
    focus_billed_cost as actual_cost,
    focus_gap as gap
from {{ ref('reconciliation') }}
where focus_gap <> 0
