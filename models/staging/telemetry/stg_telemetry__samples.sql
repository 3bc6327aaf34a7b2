-- One row per sample that a monitoring tool took of a series.
with source as (

    select * from {{ source('raw_telemetry', 'samples') }}

),

renamed as (

    select
        _source_name as source_name,
        _billing_period as billing_period,
        _source_file as source_file,
        _source_row as source_row,
        sampled_at,
        -- One name in CloudWatch and in Azure Monitor, of which one is a sum.
        case
            when
                _source_kind = 'cloudwatch_gpu'
                and lower(metric_name) in ('gpuutilization', 'gpumemoryutilization')
                then 'sagemaker/' || lower(metric_name)
            else lower(metric_name)
        end as metric_name,
        -- NaN and infinity, which is less: the series was there and had nothing to say.
        case when abs(value) < cast('infinity' as double) then value end as value,
        {{ series_columns() | join(',\n        ') }}
    from source

)

select * from renamed
