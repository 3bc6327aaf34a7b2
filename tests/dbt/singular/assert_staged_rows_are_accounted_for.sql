-- Fails with each charge type of a bill of which a raw line neither has its row in FOCUS nor falls
-- under a rule that drops it. Catches lines of cost 0, which no sum can miss.
select
    source_name,
    billing_period,
    billing_account_id,
    billing_currency,
    charge_type,
    drop_reason,
    staged_rows - dropped_rows as expected_rows,
    represented_rows as actual_rows,
    represented_rows + dropped_rows - staged_rows as gap
from {{ ref('charge_flow') }}
where represented_rows + dropped_rows <> staged_rows
