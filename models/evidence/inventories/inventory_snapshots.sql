-- One row per inventory, snapshot scope and snapshot: whether it lists all that was there, and when
-- the next one that does was taken. What is missing from that one is gone.
with snapshots as (

    select
        source_name,
        snapshot_scope,
        snapshot_at,
        provider,
        -- Only the last page says that no other follows; a line with a date of its own says nothing
        -- about other resources.
        max(case when is_whole then 1 else 0 end) = 1 as is_complete,
        count(distinct resource_key) as resources,
        max(case when is_statement then 1 else 0 end) = 1 as has_statements
    from {{ ref('inventory_items') }}
    group by source_name, snapshot_scope, snapshot_at, provider

)

select
    source_name,
    snapshot_scope,
    snapshot_at,
    provider,
    is_complete,
    has_statements,
    resources,
    min(snapshot_at) over (partition by source_name, snapshot_scope) as first_snapshot_at,
    min(case when is_complete then snapshot_at end) over (
        partition by source_name, snapshot_scope
        order by snapshot_at
        rows between 1 following and unbounded following
    ) as next_complete_at
from snapshots
