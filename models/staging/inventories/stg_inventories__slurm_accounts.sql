-- One row per Slurm account and dump that lists it.
with source as (

    select * from {{ source('raw_inventories', 'slurm_accounts') }}

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
        false as is_statement,
        'slurm_account' as item_type,
        cluster_name as account_id,
        coalesce(cluster_name || '/', '') || account as resource_id,
        cast(null as varchar) as alternate_id,
        'slurm:account' as resource_type,
        account as resource_name,
        cast(null as varchar) as region_id,
        case when parent_account is not null then 'slurm_account' else 'cluster' end as parent_type,
        case
            when parent_account is not null then coalesce(cluster_name || '/', '') || parent_account
            else cluster_name
        end as parent_id,
        {{ inventory_slurm_tags() }} as tags
    from source
    -- Users of an account come as rows of their own.
    where slurm_user is null

)

select * from renamed
