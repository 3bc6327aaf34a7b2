-- Fails with each source and period that landed rows but has none in FOCUS, or has rows in FOCUS
-- though nothing is landed: a period lost from the queue, or one that vanished and stayed.
select
    source_name,
    billing_period,
    sum(landed_rows) as landed_rows,
    sum(focus_rows) as focus_rows
from {{ ref('reconciliation') }}
group by source_name, billing_period
having
    (sum(landed_rows) > 0 and sum(focus_rows) = 0)
    or (sum(landed_rows) = 0 and sum(focus_rows) > 0)
