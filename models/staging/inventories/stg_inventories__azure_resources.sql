-- One row per Azure resource, group or subscription and snapshot that lists it.
with source as (

    select * from {{ source('raw_inventories', 'azure_resources') }}

),

renamed as (

    select
        _source_name as source_name,
        _billing_period as billing_period,
        _source_file as source_file,
        _source_row as source_row,
        snapshot_at,
        snapshot_scope,
        next_token is null and (
            total_records is null
            or try_cast(total_records as bigint) <= count(*) over (
                partition by _source_name, snapshot_scope, snapshot_at
            )
        ) as is_last_page,
        false as is_statement,
        case lower(resource_type)
            when 'microsoft.resources/subscriptions' then 'account'
            else 'resource'
        end as item_type,
        coalesce(subscription_id, nullif(split_part(resource_id, '/', 3), '')) as account_id,
        -- Bills name a subscription by its bare id.
        case lower(resource_type)
            when 'microsoft.resources/subscriptions' then split_part(resource_id, '/', 3)
            else resource_id
        end as resource_id,
        cast(null as varchar) as alternate_id,
        lower(resource_type) as resource_type,
        name as resource_name,
        location as region_id,
        case
            when lower(resource_type) = 'microsoft.resources/subscriptions' then null
            when resource_id ilike '/subscriptions/%/resourcegroups/%/providers/%'
                then 'resource_group'
            when resource_id ilike '/subscriptions/%/%' then 'account'
        end as parent_type,
        case
            when lower(resource_type) = 'microsoft.resources/subscriptions' then null
            when resource_id ilike '/subscriptions/%/resourcegroups/%/providers/%'
                then regexp_extract(resource_id, '^(/[^/]+/[^/]+/[^/]+/[^/]+)/', 1)
            when resource_id ilike '/subscriptions/%/%'
                then regexp_extract(resource_id, '^(/[^/]+/[^/]+)/', 1)
        end as parent_id,
        {{ inventory_tag_object('tags') }} as tags
    from source

)

select * from renamed
