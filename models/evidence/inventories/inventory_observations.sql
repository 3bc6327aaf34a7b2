-- One row per resource, inventory, snapshot scope, snapshot and fact: a tag, a parent, or that the
-- resource was there; and until when that snapshot is the last word of its scope.
with listed_tags as (

    select
        items.*,
        exploded.record
    from {{ ref('inventory_items') }} as items
    {{ lateral_records('items.tags', 'exploded') }}

),

facts as (

    select
        provider, item_type, resource_key, source_name, snapshot_scope, snapshot_at, account_id,
        is_statement,
        'presence' as fact_kind, '' as fact_name, 'present' as fact_value
    from {{ ref('inventory_items') }}

    union all

    select
        provider, item_type, resource_key, source_name, snapshot_scope, snapshot_at, account_id,
        is_statement,
        'parent' as fact_kind, parent_type as fact_name, parent_key as fact_value
    from {{ ref('inventory_items') }}
    where parent_key is not null and parent_type is not null

    union all

    select
        provider, item_type, resource_key, source_name, snapshot_scope, snapshot_at, account_id,
        is_statement,
        'tag' as fact_kind, record.tag_key as fact_name, record.tag_value as fact_value
    from listed_tags

),

told as (

    select
        *,
        -- A dated line speaks for its tag alone, a snapshot for all tags of the resource.
        case when is_statement then concat(fact_kind, ':', fact_name) else '' end as told_about
    from facts

),

seen as (

    select distinct provider, resource_key, source_name, snapshot_scope, told_about, snapshot_at
    from told

),

seen_again as (

    select
        *,
        lead(snapshot_at) over (
            partition by provider, resource_key, source_name, snapshot_scope, told_about
            order by snapshot_at
        ) as next_seen_at
    from seen

)

select
    told.provider,
    told.item_type,
    told.resource_key,
    told.fact_kind,
    told.fact_name,
    told.fact_value,
    told.source_name,
    told.snapshot_scope,
    told.snapshot_at as valid_from,
    least(
        seen_again.next_seen_at,
        case when not told.is_statement then snapshots.next_complete_at end
    ) as valid_to,
    not told.is_statement and told.snapshot_at = snapshots.first_snapshot_at as may_be_older
from told
inner join seen_again
    on
        told.provider = seen_again.provider
        and told.resource_key = seen_again.resource_key
        and told.source_name = seen_again.source_name
        and told.snapshot_scope = seen_again.snapshot_scope
        and told.told_about = seen_again.told_about
        and told.snapshot_at = seen_again.snapshot_at
inner join {{ ref('inventory_snapshots') }} as snapshots
    on
        told.source_name = snapshots.source_name
        and told.snapshot_scope = snapshots.snapshot_scope
        and told.snapshot_at = snapshots.snapshot_at
        and coalesce(told.account_id, '') = snapshots.account_id
-- An empty value in a dated line takes the tag away.
where not (told.is_statement and told.fact_value = '')
