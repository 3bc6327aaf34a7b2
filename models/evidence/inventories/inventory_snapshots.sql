-- One row per inventory, snapshot scope, snapshot and account that it lists, and one without
-- account for all of it: whether it lists all that was there, and when the next one that does was
-- taken. What is missing from that one is gone; an account that it does not list may not have been
-- asked.
with listed as (

    select
        source_name,
        snapshot_scope,
        snapshot_at,
        provider,
        coalesce(account_id, '') as account_id,
        max(case when is_whole then 1 else 0 end) as has_last_page,
        max(case when is_statement then 1 else 0 end) as has_statements,
        max(case when item_type in ('resource', 'pod') then 1 else 0 end) as has_resources,
        count(distinct resource_key) as resources
    from {{ ref('inventory_items') }}
    group by source_name, snapshot_scope, snapshot_at, provider, coalesce(account_id, '')

),

snapshots as (

    select
        source_name,
        snapshot_scope,
        snapshot_at,
        provider,
        '' as account_id,
        -- Only the last page says that no other follows; a line with a date of its own says nothing
        -- about other resources.
        max(has_last_page) = 1 as is_complete,
        max(has_statements) = 1 as has_statements,
        max(has_resources) = 1 as lists_resources,
        cast(sum(resources) as bigint) as resources,
        max(case when account_id = '' then 0 else 1 end) = 1 as knows_accounts
    from listed
    group by source_name, snapshot_scope, snapshot_at, provider

),

named as (

    select * from snapshots
    union all
    select
        listed.source_name,
        listed.snapshot_scope,
        listed.snapshot_at,
        listed.provider,
        listed.account_id,
        snapshots.is_complete,
        snapshots.has_statements,
        listed.has_resources = 1 as lists_resources,
        listed.resources,
        true as knows_accounts
    from listed
    inner join snapshots
        on
            listed.source_name = snapshots.source_name
            and listed.snapshot_scope = snapshots.snapshot_scope
            and listed.snapshot_at = snapshots.snapshot_at
    where listed.account_id <> ''

)

select
    *,
    min(snapshot_at) over (partition by source_name, snapshot_scope, account_id)
        as first_snapshot_at,
    min(case when is_complete then snapshot_at end) over (
        partition by source_name, snapshot_scope, account_id
        order by snapshot_at
        rows between 1 following and unbounded following
    ) as next_complete_at
from named
