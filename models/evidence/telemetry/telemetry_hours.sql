-- One row per source, billing period, series and hour: how many samples and what they say. The one
-- pass over all samples; nothing after it reads more than the hours that it cannot settle.
{{ config(
    materialized='incremental',
    pre_hook="{{ delete_queued('source_name', 'billing_period') }}"
) }}
with samples as (

    select *
    from {{ ref('stg_telemetry__samples') }}
    where {{ rebuild_predicate('source_name', 'billing_period') }}

),

-- Thresholds in the unit of each metric, so that samples are compared as they are.
limits as (

    select
        metrics.metric_name,
        {{ idle_parameter('idle_below') }} / units.factor as low_limit,
        {{ idle_parameter('held_above') }} / units.factor as high_limit
    from {{ ref('telemetry_metrics') }} as metrics
    inner join {{ ref('telemetry_units') }} as units on metrics.unit = units.unit

)

select
    samples.source_name,
    samples.billing_period,
    samples.metric_name,
    {%- for column in series_columns() %}
    samples.{{ column }},
    {%- endfor %}
    {{ text_key(series_columns()) }} as series_key,
    date_trunc('hour', samples.sampled_at) as hour_start,
    count(*) as scrapes,
    count(samples.value) as samples,
    min(samples.sampled_at) as first_at,
    max(samples.sampled_at) as last_at,
    sum(samples.value) as value_sum,
    min(samples.value) as value_min,
    max(samples.value) as value_max,
    percentile_disc(0.95) within group (order by samples.value) as value_p95,
    min_by(samples.value, samples.sampled_at) as value_first,
    max_by(samples.value, samples.sampled_at) as value_last,
    count(case when samples.value = 0 then 1 end) as zero_samples,
    count(case when samples.value < limits.low_limit then 1 end) as low_samples,
    -- A percentage may turn out to be a ratio: its largest reading is known afterwards.
    count(case when samples.value < limits.low_limit / 100 then 1 end) as low_samples_of_ratio,
    count(case when samples.value > limits.high_limit then 1 end) as high_samples
from samples
inner join limits on samples.metric_name = limits.metric_name
group by
    samples.source_name, samples.billing_period, samples.metric_name,
    {%- for column in series_columns() %}
    samples.{{ column }},
    {%- endfor %}
    date_trunc('hour', samples.sampled_at)
