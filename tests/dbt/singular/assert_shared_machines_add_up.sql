-- Fails with each shared machine whose shares and remainder are not what the machine cost, or that
-- has not one remainder per bill line.
select
    source_name,
    billing_period,
    sub_account_id,
    billing_currency,
    machine_id,
    machine_lines as expected_remainders,
    remainders as actual_remainders,
    machine_cost as expected_cost,
    shared_cost + remainder_cost as actual_cost,
    gap
from {{ ref('split_balance') }}
where gap <> 0 or remainders <> machine_lines
