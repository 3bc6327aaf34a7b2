-- Fails with each charge type of a bill of which a FOCUS row bills what a commitment already pays,
-- or costs otherwise than it bills though no commitment is involved. Sums of billed cost miss both
-- where another row evens them out: covered usage kept together with its negation, a credit that
-- lowers the bill but no cost.
select
    source_name,
    billing_period,
    billing_account_id,
    billing_currency,
    charge_type,
    focus_billed_cost as expected_cost,
    focus_effective_cost as actual_cost,
    misplaced_cost as gap
from {{ ref('charge_flow') }}
where misplaced_cost <> 0
