-- Warns with each commitment whose fee lines state another use than its covered lines do, by more
-- than the tolerance: lines are missing from the export, or belong to another one.
select
    source_name,
    billing_period,
    billing_account_id,
    billing_currency,
    commitment_discount_id,
    stated_used_cost as expected_cost,
    stated_used_cost - source_gap as actual_cost,
    source_gap as gap
from {{ ref('commitment_balance') }}
where status = 'bill_disagrees'
