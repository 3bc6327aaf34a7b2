-- One row per inventory, snapshot scope, snapshot, record and name of the resource: what all
-- inventories list, under the keys by which bills know it.
with items as (

    {% for inventory in [
        'aws_resources', 'aws_accounts', 'azure_resources', 'gcp_assets', 'kubernetes_labels',
        'slurm_accounts', 'tag_lists'
    ] %}
    {{ 'union all' if not loop.first }}
    select
        source_name,
        snapshot_at,
        snapshot_scope,
        is_last_page,
        is_statement,
        item_type,
        account_id,
        resource_id,
        alternate_id,
        resource_type,
        resource_name,
        region_id,
        parent_type,
        parent_id,
        tags
    from {{ ref('stg_inventories__' ~ inventory) }}
    {% endfor %}

),

named as (

    select
        items.*,
        companions.provider,
        companions.is_complete,
        items.resource_id as billed_as
    from items
    inner join {{ source('raw_ops', 'companions') }} as companions
        on items.source_name = companions.source_name
    where companions.kind = 'inventory'

    union all

    select
        items.*,
        companions.provider,
        companions.is_complete,
        items.alternate_id as billed_as
    from items
    inner join {{ source('raw_ops', 'companions') }} as companions
        on items.source_name = companions.source_name
    where
        companions.kind = 'inventory'
        and items.alternate_id <> items.resource_id

)

select
    source_name,
    snapshot_at,
    snapshot_scope,
    provider,
    item_type,
    {{ resource_key('provider', 'billed_as') }} as resource_key,
    resource_id,
    resource_type,
    resource_name,
    region_id,
    account_id,
    parent_type,
    {{ resource_key('provider', 'parent_id') }} as parent_key,
    tags,
    is_statement,
    is_complete and is_last_page and not is_statement as is_whole
from named
