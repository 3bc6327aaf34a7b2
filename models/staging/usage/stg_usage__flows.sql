-- One row per line of a list of traffic, summed up from flow logs.
with source as (

    select * from {{ source('raw_usage', 'flows') }}

),

renamed as (

    select
        _source_name as source_name,
        _billing_period as billing_period,
        _source_file as source_file,
        _source_row as source_row,
        flow_at,
        flow_bytes,
        lower(from_provider) as from_provider,
        from_region,
        from_zone,
        from_resource,
        lower(to_provider) as to_provider,
        to_region,
        to_zone,
        to_resource,
        to_service,
        team,
        project
    from source

)

select * from renamed
