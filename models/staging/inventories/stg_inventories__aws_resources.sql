-- One row per AWS resource and snapshot that lists it.
with source as (

    select * from {{ source('raw_inventories', 'aws_resource_tags') }}

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
        -- A collected dump names the account too, so that one without resources is a snapshot.
        case when resource_arn like 'arn:%:iam::%:root' then 'account' else 'resource' end
            as item_type,
        coalesce(collected_account, nullif(split_part(resource_arn, ':', 5), '')) as account_id,
        resource_arn as resource_id,
        cast(null as varchar) as alternate_id,
        split_part(resource_arn, ':', 3)
            || coalesce(':' || nullif(regexp_extract(
                resource_arn, '^(?:[^:]*:){5}([a-z-]+)[/:]', 1
            ), ''), '') as resource_type,
        split_part(replace(resource_arn, ':', '/'), '/', -1) as resource_name,
        coalesce(collected_region, nullif(split_part(resource_arn, ':', 4), '')) as region_id,
        'account' as parent_type,
        coalesce(collected_account, nullif(split_part(resource_arn, ':', 5), '')) as parent_id,
        {{ inventory_tag_list('tags', 'Key', 'Value') }} as tags
    from source

)

select * from renamed
