-- One row per source, device and instant of the hours that are not settled: work and memory at it.
-- A sample that was delivered twice, or by each of the pods that share a device, counts once.
{{ config(
    materialized='incremental',
    pre_hook=[
        "{{ delete_queued('source_name', 'billing_period') }}",
        "{{ keep_join_order() }}",
    ],
    post_hook="{{ free_join_order() }}"
) }}
with hours as (

    select hours.*
    from {{ ref('device_hours') }} as hours
    left join {{ ref('settled_hours') }} as settled
        on hours.device_key = settled.device_key and hours.hour_start = settled.hour_start
    where
        {{ rebuild_predicate('hours.source_name', 'hours.billing_period') }}
        and hours.utilisation_samples > 0
        and settled.device_key is null

),

-- What has to be looked at sample by sample: metrics of the hours that are not settled.
unsettled as (

    select
        hours.source_name,
        hours.billing_period,
        hours.device_key,
        hours.hour_start,
        telemetry_hours.metric_name,
        telemetry_hours.metric_name = hours.utilisation_metric_name as is_utilisation,
        case
            when telemetry_hours.metric_name = hours.utilisation_metric_name
                then hours.utilisation_factor
            else hours.memory_factor
        end as factor,
        telemetry_hours.series_key
    from hours
    inner join {{ ref('telemetry_series') }} as series
        on hours.source_name = series.source_name and hours.device_id = series.device_id
    inner join {{ ref('telemetry_hours') }} as telemetry_hours
        on hours.source_name = telemetry_hours.source_name
        and hours.billing_period = telemetry_hours.billing_period
        and hours.hour_start = telemetry_hours.hour_start
        and series.series_key = telemetry_hours.series_key
        and telemetry_hours.metric_name in (
            hours.utilisation_metric_name, hours.memory_metric_name
        )

),

samples as (

    select
        source_name,
        billing_period,
        metric_name,
        sampled_at,
        value,
        {{ text_key(series_columns()) }} as series_key
    from {{ ref('stg_telemetry__samples') }}
    where
        {{ rebuild_predicate('source_name', 'billing_period') }}
        and metric_name in (select metric_name from unsettled)

)

select
    min(unsettled.source_name) as source_name,
    min(unsettled.billing_period) as billing_period,
    unsettled.device_key,
    unsettled.hour_start,
    samples.sampled_at,
    max(samples.sampled_at) as ended_at,
    max(case when unsettled.is_utilisation then samples.value * unsettled.factor end)
        as utilisation_ratio,
    max(case when not unsettled.is_utilisation then samples.value * unsettled.factor end)
        as memory_mib
from samples
inner join unsettled
    on samples.series_key = unsettled.series_key
    and date_trunc('hour', samples.sampled_at) = unsettled.hour_start
    and samples.metric_name = unsettled.metric_name
    and samples.source_name = unsettled.source_name
    and samples.billing_period = unsettled.billing_period
group by unsettled.device_key, unsettled.hour_start, samples.sampled_at
