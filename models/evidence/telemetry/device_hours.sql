-- One row per source, device and hour with samples: its readings in common units, and whether they
-- settle its state without a look at single samples.
{{ config(
    materialized='incremental',
    pre_hook="{{ delete_queued('source_name', 'billing_period') }}"
) }}
{%- set of_utilisation = [
    'metric_name', 'samples', 'first_at', 'last_at', 'zero_samples', 'over_samples',
    'first_over_at', 'last_over_at', 'over_minutes', 'value_mean', 'value_p95', 'value_max',
    'factor',
] %}
{%- set of_memory = [
    'metric_name', 'samples', 'first_at', 'last_at', 'over_samples', 'first_over_at',
    'last_over_at', 'first_under_at', 'last_under_at', 'factor',
] %}
{%- set readings = [
    ('memory_used', 'value_mean', 'memory_used_mean_mib'),
    ('memory_used', 'value_max', 'memory_used_max_mib'),
    ('memory_total', 'value_max', 'memory_total_mib'),
    ('power', 'value_mean', 'power_mean_watts'),
    ('power', 'value_max', 'power_max_watts'),
    ('power', 'samples', 'power_samples'),
    ('energy', 'increase', 'energy_joules'),
    ('sm_active', 'value_mean', 'sm_active_ratio'),
    ('engine_active', 'value_mean', 'engine_active_ratio'),
    ('tensor_active', 'value_mean', 'tensor_active_ratio'),
] %}
with merged as (

    select *
    from {{ ref('device_metrics') }}
    where {{ rebuild_predicate('source_name', 'billing_period') }}

),

-- The best measure of work that an hour has: cycles in which an SM was busy before the time in
-- which any kernel was resident.
measures as (

    select
        device_key,
        hour_start,
        min(work_order) as work_order
    from merged
    where work_order is not null
    group by device_key, hour_start

),

-- How often a device is looked at: the interval that most of its hours agree on. Hours with samples
-- missing or twice agree on nothing.
intervals as (

    select
        device_key,
        round({{ seconds_between('first_at', 'last_at') }} / (scrapes - 1), 1) as step_seconds,
        count(*) as hours_counted
    from merged
    where series_count = 1 and scrapes > 1 and last_at > first_at
    group by device_key, round({{ seconds_between('first_at', 'last_at') }} / (scrapes - 1), 1)

),

steps as (

    select
        device_key,
        step_seconds,
        row_number() over (
            partition by device_key order by hours_counted desc, step_seconds desc
        ) as place
    from intervals

),

pivoted as (

    select
        merged.device_key,
        merged.hour_start,
        min(merged.source_name) as source_name,
        min(merged.billing_period) as billing_period,
        min(merged.device_id) as device_id,
        max(merged.pod_name) as pod_name,
        max(merged.pod_count) as pod_count,
        max(merged.pod_samples) as pod_samples,
        {%- for column in of_utilisation %}
        max(case when merged.work_order = measures.work_order then merged.{{ column }} end)
            as utilisation_{{ column }},
        {%- endfor %}
        {%- for column in of_memory %}
        max(case when merged.measure = 'memory_used' then merged.{{ column }} end)
            as memory_{{ column }},
        {%- endfor %}
        {%- for measure, column, name in readings %}
        max(case when merged.measure = '{{ measure }}' then merged.{{ column }} end) as {{ name }}
        {{- ',' if not loop.last }}
        {%- endfor %}
    from merged
    left join measures
        on merged.device_key = measures.device_key and merged.hour_start = measures.hour_start
    group by merged.device_key, merged.hour_start

)

select
    pivoted.*,
    -- What was looked at once stands for a minute.
    coalesce(steps.step_seconds, 60) as step_seconds,
    3600 / coalesce(steps.step_seconds, 60) as expected_samples,
    steps.step_seconds is not null as is_step_known
from pivoted
left join steps
    on pivoted.device_key = steps.device_key and steps.place = 1
