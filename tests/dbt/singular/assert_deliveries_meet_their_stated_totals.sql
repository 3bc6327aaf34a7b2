-- Fails with each current file that sums to something else than the delivery says about itself: the
-- only figures in the chain that no reader of ours has touched.
with ledger as (

    select * from {{ ref('ledger') }} where is_current

)

select
    source_name,
    billing_period,
    file_path,
    stated_rows as expected_rows,
    file_rows as actual_rows,
    stated_cost as expected_cost,
    file_cost as actual_cost,
    file_cost - stated_cost as gap
from ledger
where file_rows <> stated_rows or file_cost <> stated_cost
