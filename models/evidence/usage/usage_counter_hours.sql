-- One row per source, billing period, metric, series and hour: what a counter of requests or tokens
-- counted, or what an endpoint's metric sums up. A counter that starts again loses nothing; what it
-- had counted before its first sample of a month is not known.
{{ config(
    materialized='incremental',
    pre_hook="{{ delete_queued('source_name', 'billing_period') }}"
) }}
with forms as (

    select
        metric_name,
        min(form) as form
    from {{ ref('usage_metrics') }}
    group by metric_name

),

readings as (

    select
        *,
        {{ text_key(series_columns()) }} as series_key
    from {{ ref('stg_telemetry__samples') }}
    where
        {{ rebuild_predicate('source_name', 'billing_period') }}
        and value is not null
        and metric_name in (select metric_name from forms)

),

-- Labels are long and samples many: each is grouped once without them.
series as (

    select distinct
        source_name,
        series_key,
        {{ series_columns() | join(', ') }},
        coalesce(labels like '%"aggregation_temporality":"delta"%', false) as is_delta
    from readings

),

-- An instant that was delivered twice is one.
samples as (

    select
        source_name,
        billing_period,
        metric_name,
        series_key,
        sampled_at,
        max(value) as value
    from readings
    group by source_name, billing_period, metric_name, series_key, sampled_at

),

steps as (

    select
        samples.*,
        forms.form,
        -- What is counted between two samples belongs to the hour of the first.
        case
            when forms.form <> 'counter' or series.is_delta then samples.sampled_at
            else lag(samples.sampled_at) over readings_of_one
        end as counted_at,
        case
            when forms.form <> 'counter' or series.is_delta then samples.value
            when samples.value < lag(samples.value) over readings_of_one then samples.value
            else samples.value - lag(samples.value) over readings_of_one
        end as increase
    from samples
    inner join forms on samples.metric_name = forms.metric_name
    inner join series
        on samples.source_name = series.source_name and samples.series_key = series.series_key
    window readings_of_one as (
        partition by
            samples.source_name, samples.billing_period, samples.metric_name, samples.series_key
        order by samples.sampled_at
    )

),

hours as (

    select
        source_name,
        billing_period,
        metric_name,
        series_key,
        date_trunc('hour', counted_at) as hour_start,
        case when min(form) = 'gauge' then avg(increase) else sum(increase) end as reading
    from steps
    where counted_at is not null
    group by source_name, billing_period, metric_name, series_key, date_trunc('hour', counted_at)

)

select
    hours.source_name,
    hours.billing_period,
    hours.metric_name,
    hours.series_key,
    series.{{ series_columns() | join(',\n    series.') }},
    hours.hour_start,
    hours.reading
from hours
inner join series
    on hours.source_name = series.source_name and hours.series_key = series.series_key
