-- Fails with each current file of which a row or an amount was neither landed nor set aside.
with ledger as (

    select * from {{ ref('ledger') }} where is_current

)

select
    source_name,
    billing_period,
    file_path,
    file_rows as expected_rows,
    landed_rows + quarantined_rows as actual_rows,
    file_cost as expected_cost,
    landed_cost + quarantined_cost as actual_cost,
    file_cost - landed_cost - quarantined_cost as gap
from ledger
where
    file_rows is distinct from landed_rows + quarantined_rows
    or file_cost is distinct from landed_cost + quarantined_cost
