-- One row per source, billing period, metric, series and hour: how many samples and what they say.
-- The pass over all samples; nothing after it reads more than the hours that it cannot settle.
{{ config(
    materialized='incremental',
    pre_hook="{{ delete_queued('source_name', 'billing_period') }}"
) }}
-- Thresholds in the unit of each metric, so that samples are compared as they are.
with limits as (

    select
        metrics.metric_name,
        metrics.utilisation_rank is not null as is_utilisation,
        metrics.measure = 'energy' as is_counter,
        case
            when metrics.utilisation_rank is not null
                then {{ idle_parameter('idle_below') }} / units.factor
        end as low_limit,
        case
            when metrics.measure = 'memory_used'
                then {{ idle_parameter('held_above') }} / units.factor
        end as high_limit
    from {{ ref('telemetry_metrics') }} as metrics
    inner join {{ ref('telemetry_units') }} as units on metrics.unit = units.unit

),

samples as (

    select
        samples.*,
        limits.is_utilisation,
        limits.is_counter,
        -- Work is at the limit or above, memory is held above it; others have no limit.
        coalesce(samples.value > limits.high_limit, samples.value >= limits.low_limit) as is_over
    from {{ ref('stg_telemetry__samples') }} as samples
    inner join limits on samples.metric_name = limits.metric_name
    where {{ rebuild_predicate('samples.source_name', 'samples.billing_period') }}

)

select
    source_name,
    billing_period,
    metric_name,
    {{ text_key(series_columns()) }} as series_key,
    date_trunc('hour', sampled_at) as hour_start,
    count(*) as scrapes,
    count(value) as samples,
    min(sampled_at) as first_at,
    max(sampled_at) as last_at,
    sum(value) as value_sum,
    min(value) as value_min,
    max(value) as value_max,
    -- Dear: of work alone.
    percentile_disc(0.95) within group (order by case when is_utilisation then value end)
        as value_p95,
    min_by(case when is_counter then value end, sampled_at) as value_first,
    max_by(case when is_counter then value end, sampled_at) as value_last,
    count(case when value = 0 then 1 end) as zero_samples,
    count(case when is_over then 1 end) as over_samples,
    min(case when is_over then sampled_at end) as first_over_at,
    max(case when is_over then sampled_at end) as last_over_at,
    min(case when not is_over then sampled_at end) as first_under_at,
    max(case when not is_over then sampled_at end) as last_under_at,
    {{ minutes_as_bits('is_over', 'sampled_at') }} as over_minutes
from samples
group by
    source_name, billing_period, metric_name, {{ text_key(series_columns()) }},
    date_trunc('hour', sampled_at)
