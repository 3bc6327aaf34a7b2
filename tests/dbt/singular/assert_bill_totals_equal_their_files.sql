-- Fails with each current source and period whose totals by account do not add up to its files.
with files as (

    select
        source_name,
        billing_period,
        sum(file_rows) as file_rows,
        sum(case when counts_as = 'billed' then file_cost else 0 end) as file_cost,
        sum(case when counts_as = 'billed' then landed_cost else 0 end) as landed_cost
    from {{ ref('ledger') }}
    where is_current and counts_as in ('billed', 'effective')
    group by source_name, billing_period

),

accounts as (

    select
        source_name,
        billing_period,
        sum(file_rows) as file_rows,
        sum(file_cost) as file_cost,
        sum(landed_cost) as landed_cost
    from {{ ref('reconciliation') }}
    group by source_name, billing_period

)

select
    coalesce(files.source_name, accounts.source_name) as source_name,
    coalesce(files.billing_period, accounts.billing_period) as billing_period,
    files.file_rows as expected_rows,
    accounts.file_rows as actual_rows,
    files.file_cost as expected_cost,
    accounts.file_cost as actual_cost,
    accounts.file_cost - files.file_cost as gap
from files
full outer join accounts
    on
        files.source_name = accounts.source_name
        and files.billing_period = accounts.billing_period
where
    coalesce(files.file_rows, 0) <> coalesce(accounts.file_rows, 0)
    or coalesce(files.file_cost, 0) <> coalesce(accounts.file_cost, 0)
    or coalesce(files.landed_cost, 0) <> coalesce(accounts.landed_cost, 0)
