-- One row per source, billing period, hour and whatever labels tell of a server or endpoint: its
-- requests and tokens by its own metrics.
{{ config(
    materialized='incremental',
    pre_hook="{{ delete_queued('source_name', 'billing_period') }}"
) }}
{%- set told = [
    'provider_name', 'account_id', 'region_id', 'resource_name', 'deployment_name', 'model_name',
    'evidence_kind', 'native_class', 'cluster_name', 'node_name', 'pod_namespace', 'pod_name',
] %}
{%- set counted = usage_counted() + ['provisioned_utilisation_ratio'] %}
with series as (

    select
        *,
        {{ label_map('labels') }} as found
    from (
        select distinct
            source_name,
            series_key,
            {{ series_columns() | join(', ') }}
        from {{ ref('usage_counter_hours') }}
        where {{ rebuild_predicate('source_name', 'billing_period') }}
    ) as told_apart

),

measured as (

    select
        hours.source_name,
        hours.billing_period,
        hours.hour_start,
        {{ usage_labels('series', 'metrics') }},
        metrics.evidence_kind,
        metrics.measure,
        metrics.rank,
        sum(hours.reading * metrics.factor) as reading,
        max(hours.reading * metrics.factor) as largest
    from {{ ref('usage_counter_hours') }} as hours
    inner join series
        on hours.source_name = series.source_name and hours.series_key = series.series_key
    inner join {{ ref('usage_metrics') }} as metrics
        on hours.metric_name = metrics.metric_name
        and (
            metrics.label_name is null
            or {{ text_matches_pattern(
                "coalesce(series.found[metrics.label_name], '')", 'metrics.label_pattern'
            ) }}
        )
    where {{ rebuild_predicate('hours.source_name', 'hours.billing_period') }}
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
        ~ "' then " ~ ('largest' if measure.endswith('ratio') else 'reading') ~ " end)"
    ) }} as {{ measure }}{{ ',' if not loop.last }}
    {%- endfor %}
from chosen
group by source_name, billing_period, hour_start, {{ told | join(', ') }}
