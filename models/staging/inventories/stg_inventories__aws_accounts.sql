-- One row per AWS account and dump that lists its tags.
with source as (

    select * from {{ source('raw_inventories', 'aws_accounts') }}

),

renamed as (

    select
        _source_name as source_name,
        _billing_period as billing_period,
        _source_file as source_file,
        _source_row as source_row,
        snapshot_at,
        snapshot_scope,
        next_token is null as is_last_page,
        false as is_statement,
        'account' as item_type,
        account_id,
        account_id as resource_id,
        cast(null as varchar) as alternate_id,
        'organizations:account' as resource_type,
        name as resource_name,
        cast(null as varchar) as region_id,
        cast(null as varchar) as parent_type,
        cast(null as varchar) as parent_id,
        {{ inventory_tag_list('tags', 'Key', 'Value') }} as tags
    from source
    -- ListAccounts names accounts, ListTagsForResource has their tags.
    where document = 'tags' or tags is not null

)

select * from renamed
