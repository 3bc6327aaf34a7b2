-- One row per source, device, hour and metric: its samples in common units. Pods that follow each
-- other on a device, or share it, are series of their own and are merged here.
{{ config(
    materialized='incremental',
    pre_hook="{{ delete_queued('source_name', 'billing_period') }}"
) }}
with hours as (

    select *
    from {{ ref('telemetry_hours') }}
    where {{ rebuild_predicate('source_name', 'billing_period') }}

),

-- The largest reading of the month tells a ratio from a percentage, and how many accelerators a sum
-- is of.
largest as (

    select
        hours.source_name,
        hours.billing_period,
        hours.metric_name,
        hours.series_key,
        max(max(hours.value_max)) over (
            partition by hours.source_name, hours.billing_period, hours.metric_name
        ) <= 1 and metrics.unit = 'either' as is_ratio,
        case
            when metrics.unit = 'percent_of_all' then greatest(1, ceil(max(hours.value_max) / 100))
        end as accelerators
    from hours
    inner join {{ ref('telemetry_metrics') }} as metrics on hours.metric_name = metrics.metric_name
    where metrics.unit in ('either', 'percent_of_all')
    group by
        hours.source_name, hours.billing_period, hours.metric_name, hours.series_key, metrics.unit

),

scaled as (

    select
        hours.*,
        {{ text_key(['hours.source_name', 'hours.billing_period', 'series.device_id']) }}
            as device_key,
        series.device_id,
        series.pod_name,
        metrics.measure,
        cast(metrics.utilisation_rank as string) || hours.metric_name as work_order,
        -- Samples were compared with a limit that does not hold for these.
        coalesce(largest.is_ratio or largest.accelerators > 1, false) as is_limit_wrong,
        case when largest.is_ratio then 1 else units.factor end
        / coalesce(largest.accelerators, 1) as factor
    from hours
    inner join {{ ref('telemetry_metrics') }} as metrics on hours.metric_name = metrics.metric_name
    inner join {{ ref('telemetry_units') }} as units on metrics.unit = units.unit
    inner join {{ ref('telemetry_series') }} as series
        on hours.source_name = series.source_name and hours.series_key = series.series_key
    left join largest
        on hours.source_name = largest.source_name
        and hours.billing_period = largest.billing_period
        and hours.metric_name = largest.metric_name
        and hours.series_key = largest.series_key
    where metrics.surface <> 'kubernetes' and series.device_id is not null

)

select
    device_key,
    hour_start,
    metric_name,
    min(source_name) as source_name,
    min(billing_period) as billing_period,
    min(device_id) as device_id,
    min(measure) as measure,
    -- The best measure of work comes first.
    min(case when samples > 0 then work_order end) as work_order,
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
    case when not max(is_limit_wrong) then sum(over_samples) end as over_samples,
    min(first_over_at) as first_over_at,
    max(last_over_at) as last_over_at,
    min(first_under_at) as first_under_at,
    max(last_under_at) as last_under_at,
    bit_or(over_minutes) as over_minutes,
    sum(case when pod_name is not null then samples else 0 end) as pod_samples,
    count(distinct pod_name) as pod_count,
    max_by(pod_name, {{ as_one_value(['samples', 'pod_name']) }}) as pod_name
from scaled
group by device_key, hour_start, metric_name
