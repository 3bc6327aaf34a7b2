-- One row per source, device, hour and metric: its samples in common units. Pods that follow each
-- other on a device, or share it, are series of their own and are merged here.
{{ config(
    materialized='incremental',
    pre_hook="{{ delete_queued('source_name', 'billing_period') }}"
) }}
with hours as (

    select
        *,
        max(value_max) over (partition by source_name, billing_period, metric_name) as month_max
    from {{ ref('telemetry_hours') }}
    where {{ rebuild_predicate('source_name', 'billing_period') }}

),

scaled as (

    select
        hours.*,
        series.device_id,
        series.pod_name,
        metrics.measure,
        coalesce(metrics.utilisation_rank, 99) as utilisation_rank,
        case when metrics.unit = 'either' and hours.month_max <= 1 then 1 else units.factor end
            as factor,
        case
            when metrics.unit = 'either' and hours.month_max <= 1 then hours.low_samples_of_ratio
            else hours.low_samples
        end as idle_samples
    from hours
    inner join {{ ref('telemetry_metrics') }} as metrics on hours.metric_name = metrics.metric_name
    inner join {{ ref('telemetry_units') }} as units on metrics.unit = units.unit
    inner join {{ ref('telemetry_series') }} as series
        on hours.source_name = series.source_name and hours.series_key = series.series_key
    where metrics.surface <> 'kubernetes' and series.device_id is not null

)

select
    source_name,
    billing_period,
    device_id,
    hour_start,
    metric_name,
    measure,
    utilisation_rank,
    min(factor) as factor,
    count(*) as series_count,
    sum(scrapes) as scrapes,
    sum(samples) as samples,
    min(first_at) as first_at,
    max(last_at) as last_at,
    sum(value_sum) / nullif(sum(samples), 0) * min(factor) as value_mean,
    max(value_max) * min(factor) as value_max,
    max(value_p95) * min(factor) as value_p95,
    case
        when min_by(value_first, first_at) <= min(value_min)
            then max_by(value_last, last_at) - min_by(value_first, first_at)
        when max(value_max) > max_by(value_last, last_at)
            then max(value_max) - min_by(value_first, first_at) + max_by(value_last, last_at)
        else max_by(value_last, last_at)
    end * min(factor) as increase,
    sum(zero_samples) as zero_samples,
    sum(idle_samples) as idle_samples,
    sum(high_samples) as high_samples,
    sum(case when pod_name is not null then samples else 0 end) as pod_samples,
    count(distinct pod_name) as pod_count,
    max_by(pod_name, samples) as pod_name
from scaled
group by
    source_name, billing_period, device_id, hour_start, metric_name, measure, utilisation_rank
