-- One row per object of a bucket and inventory that lists it.
with source as (

    select * from {{ source('raw_usage', 'stored_objects') }}

),

renamed as (

    select
        _source_name as source_name,
        _billing_period as billing_period,
        _source_file as source_file,
        _source_row as source_row,
        listed_at,
        bucket,
        object_key,
        object_bytes,
        modified_at,
        upper(storage_class) as storage_class,
        is_current = 'true' as is_current
    from source

)

select * from renamed
