-- One row per source, billing period, hour and whatever labels tell of a server or endpoint: its
-- requests and tokens by its own metrics. A counter that starts again loses nothing; what it had
-- counted before its first sample of a month is not known.
{{ config(
    materialized='incremental',
    pre_hook="{{ delete_queued('source_name', 'billing_period') }}"
) }}
{%- set told = [
    'provider_name', 'account_id', 'region_id', 'resource_name', 'deployment_name', 'model_name',
    'evidence_kind', 'native_class', 'cluster_name', 'node_name', 'pod_namespace', 'pod_name',
] %}
{%- set counted = usage_counted() + ['provisioned_utilisation_ratio'] %}
with forms as (

    select
        metric_name,
        min(form) as form
    from {{ ref('usage_metrics') }}
    group by metric_name

),

-- An instant that was delivered twice is one.
samples as (

    select
        source_name,
        billing_period,
        metric_name,
        {{ series_columns() | join(', ') }},
        sampled_at,
        {{ text_key(series_columns()) }} as series_key,
        max(value) as value
    from {{ ref('stg_telemetry__samples') }}
    where
        {{ rebuild_predicate('source_name', 'billing_period') }}
        and value is not null
        and metric_name in (select metric_name from forms)
    group by
        source_name, billing_period, metric_name, {{ series_columns() | join(', ') }}, sampled_at

),

steps as (

    select
        samples.*,
        forms.form,
        -- What is counted between two samples belongs to the hour of the first.
        case
            when forms.form = 'counter' and coalesce(samples.labels, '') not like '%"delta"%'
                then lag(samples.sampled_at) over series
            else samples.sampled_at
        end as counted_at,
        case
            when forms.form <> 'counter' or samples.labels like '%"delta"%' then samples.value
            when samples.value < lag(samples.value) over series then samples.value
            else samples.value - lag(samples.value) over series
        end as increase
    from samples
    inner join forms on samples.metric_name = forms.metric_name
    window series as (
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
        {{ series_columns() | join(', ') }},
        {{ label_map('labels') }} as found,
        date_trunc('hour', counted_at) as hour_start,
        case when any_value(form) = 'gauge' then avg(increase) else sum(increase) end as amount
    from steps
    where counted_at is not null
    group by
        source_name, billing_period, metric_name, {{ series_columns() | join(', ') }},
        date_trunc('hour', counted_at)

),

measured as (

    select
        hours.source_name,
        hours.billing_period,
        hours.hour_start,
        {{ usage_labels('hours', 'metrics') }},
        metrics.evidence_kind,
        metrics.measure,
        metrics.rank,
        sum(hours.amount * metrics.factor) as amount,
        max(hours.amount * metrics.factor) as largest
    from hours
    inner join {{ ref('usage_metrics') }} as metrics
        on hours.metric_name = metrics.metric_name
        and (
            metrics.label_name is null
            or {{ text_matches_pattern(
                "coalesce(hours.found[metrics.label_name], '')", 'metrics.label_pattern'
            ) }}
        )
    group by all

),

-- Of several names of one number one counts.
chosen as (

    select *
    from measured
    qualify
        rank = min(rank) over (
            partition by source_name, billing_period, hour_start, measure,
            {{ told | join(', ') }}
        )

)

select
    source_name,
    billing_period,
    hour_start,
    {{ told | join(',\n    ') }},
    {%- for measure in counted %}
    {{ quantity(
        ('max' if measure.endswith('ratio') else 'sum') ~ "(case when measure = '" ~ measure
        ~ "' then " ~ ('largest' if measure.endswith('ratio') else 'amount') ~ " end)"
    ) }} as {{ measure }}{{ ',' if not loop.last }}
    {%- endfor %}
from chosen
group by source_name, billing_period, hour_start, {{ told | join(', ') }}
