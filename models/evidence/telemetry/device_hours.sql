-- One row per source, device and hour with samples: its readings in common units, and whether they
-- settle its state without a look at single samples.
{{ config(
    materialized='incremental',
    pre_hook="{{ delete_queued('source_name', 'billing_period') }}"
) }}
with merged as (

    select *
    from {{ ref('device_metrics') }}
    where {{ rebuild_predicate('source_name', 'billing_period') }}

),

-- The best measure of work that an hour has: cycles in which an SM was busy before the time in
-- which any kernel was resident.
ranked as (

    select
        *,
        row_number() over (
            partition by source_name, billing_period, device_id, hour_start
            order by case when samples > 0 then utilisation_rank else 99 end, metric_name
        ) = 1 and utilisation_rank < 99 and samples > 0 as is_utilisation
    from merged

),

-- How often a device is looked at: the interval that most of its hours agree on. Hours with samples
-- missing or twice agree on nothing.
intervals as (

    select
        source_name,
        billing_period,
        device_id,
        round({{ seconds_between('first_at', 'last_at') }} / (scrapes - 1), 1) as step_seconds,
        count(*) as hours_counted
    from merged
    where series_count = 1 and scrapes > 1 and last_at > first_at
    group by
        source_name, billing_period, device_id,
        round({{ seconds_between('first_at', 'last_at') }} / (scrapes - 1), 1)

),

steps as (

    select
        *,
        row_number() over (
            partition by source_name, billing_period, device_id
            order by hours_counted desc, step_seconds desc
        ) as place
    from intervals

),

pivoted as (

    select
        source_name,
        billing_period,
        device_id,
        hour_start,
        max(pod_name) as pod_name,
        max(pod_count) as pod_count,
        max(pod_samples) as pod_samples,
        max(scrapes) as scrapes,
        {%- set of_utilisation = [
            'metric_name', 'series_count', 'samples', 'first_at', 'last_at', 'zero_samples',
            'idle_samples', 'value_mean', 'value_p95', 'value_max', 'factor',
        ] %}
        {%- for column in of_utilisation %}
        max(case when is_utilisation then {{ column }} end) as utilisation_{{ column }},
        {%- endfor %}
        {%- for column in ['metric_name', 'series_count', 'samples', 'high_samples', 'factor'] %}
        max(case when measure = 'memory_used' then {{ column }} end) as memory_{{ column }},
        {%- endfor %}
        {%- for measure, column, name in [
            ('memory_used', 'value_mean', 'memory_used_mean_mib'),
            ('memory_used', 'value_max', 'memory_used_max_mib'),
            ('memory_total', 'value_max', 'memory_total_mib'),
            ('power', 'value_mean', 'power_mean_watts'),
            ('power', 'value_max', 'power_max_watts'),
            ('energy', 'increase', 'energy_joules'),
            ('sm_active', 'value_mean', 'sm_active_ratio'),
            ('engine_active', 'value_mean', 'engine_active_ratio'),
            ('tensor_active', 'value_mean', 'tensor_active_ratio'),
        ] %}
        max(case when measure = '{{ measure }}' then {{ column }} end) as {{ name }}
        {{- ',' if not loop.last }}
        {%- endfor %}
    from ranked
    group by source_name, billing_period, device_id, hour_start

)

select
    pivoted.*,
    -- Millions of samples are sorted by it: a number is compared faster than three texts.
    {{ text_key(['pivoted.source_name', 'pivoted.billing_period', 'pivoted.device_id']) }}
        as device_key,
    -- What was looked at once stands for a minute.
    coalesce(steps.step_seconds, 60) as step_seconds,
    3600 / coalesce(steps.step_seconds, 60) as expected_samples,
    -- All idle or all busy, nothing missing and nothing twice; and the same of memory.
    coalesce(
        pivoted.utilisation_series_count = 1
        and abs(pivoted.utilisation_samples - 3600 / steps.step_seconds) <= 1
        and pivoted.utilisation_idle_samples in (0, pivoted.utilisation_samples)
        and (
            pivoted.memory_samples is null
            or (
                pivoted.memory_series_count = 1
                and pivoted.memory_samples = pivoted.utilisation_samples
                and pivoted.memory_high_samples in (0, pivoted.memory_samples)
            )
        ),
        false
    ) as is_settled
from pivoted
left join steps
    on pivoted.source_name = steps.source_name
    and pivoted.billing_period = steps.billing_period
    and pivoted.device_id = steps.device_id
    and steps.place = 1
