-- One row per value that a run logged.
with source as (

    select * from {{ source('raw_runs', 'metrics') }}

),

renamed as (

    select
        _source_name as source_name,
        _billing_period as billing_period,
        _source_file as source_file,
        _source_row as source_row,
        run_id,
        metric_name,
        step,
        case when not isnan(value) and coalesce(lower(is_nan), '0') not in ('1', 'true', 't')
            then value end as value,
        logged_at
    from source

)

select * from renamed
