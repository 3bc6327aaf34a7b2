-- One row per line of a plain tag list.
with source as (

    select * from {{ source('raw_inventories', 'tag_csv') }}

),

renamed as (

    select
        _source_name as source_name,
        _billing_period as billing_period,
        _source_file as source_file,
        _source_row as source_row,
        snapshot_at,
        snapshot_scope,
        true as is_last_page,
        valid_from is not null as is_statement,
        'resource' as item_type,
        account_id,
        resource_id,
        cast(null as varchar) as alternate_id,
        resource_type,
        resource_name,
        region as region_id,
        case when parent_id is not null then 'parent' when account_id is not null then 'account' end
            as parent_type,
        coalesce(parent_id, account_id) as parent_id,
        case
            when tag_key is not null then {{ inventory_one_tag('tag_key', 'tag_value') }}
            else {{ inventory_tag_object('tags') }}
        end as tags
    from source

)

select * from renamed
