-- Fails with each bill whose landed rows or cost are not what staging shows.
select
    source_name,
    billing_period,
    billing_account_id,
    billing_currency,
    landed_rows as expected_rows,
    staged_rows as actual_rows,
    landed_cost as expected_cost,
    staged_cost as actual_cost,
    staging_gap as gap
from {{ ref('reconciliation') }}
where staging_gap <> 0 or staging_row_gap <> 0
