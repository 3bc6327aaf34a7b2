-- One row per source, device and hour in which work was measured: its samples by state, each
-- instant once.
{{ config(
    materialized='incremental',
    pre_hook="{{ delete_queued('source_name', 'billing_period') }}"
) }}
with settled as (

    select *
    from {{ ref('settled_hours') }}
    where {{ rebuild_predicate('source_name', 'billing_period') }}

),

-- Samples of idle streaks, and all samples of the hours that were looked at one by one.
points as (

    select
        min(source_name) as source_name,
        min(billing_period) as billing_period,
        device_key,
        hour_start,
        sum(samples) as samples,
        sum(case when is_idle then 1 else 0 end) as idle_samples,
        sum(case when is_idle and is_held then 1 else 0 end) as idle_held_samples,
        count(is_held) as memory_known_samples,
        sum(case when is_idle and in_streak then samples else 0 end) as streak_samples,
        sum(case when is_idle and in_streak and is_held then samples else 0 end)
            as streak_held_samples,
        count(utilisation_ratio) as single_samples,
        avg(utilisation_ratio) as mean_ratio,
        max(utilisation_ratio) as max_ratio,
        percentile_disc(0.95) within group (order by utilisation_ratio) as p95_ratio,
        sum(case when utilisation_ratio = 0 then 1 else 0 end) as zero_samples
    from (
        select
            *,
            stretch_seconds >= 60 * {{ idle_parameter('streak_minutes') }} as in_streak
        from {{ ref('utilisation_points') }}
        where {{ rebuild_predicate('source_name', 'billing_period') }}
    ) as stretches
    where (is_idle and in_streak) or utilisation_ratio is not null
    group by device_key, hour_start

)

select
    coalesce(settled.source_name, points.source_name) as source_name,
    coalesce(settled.billing_period, points.billing_period) as billing_period,
    coalesce(settled.device_key, points.device_key) as device_key,
    coalesce(settled.hour_start, points.hour_start) as hour_start,
    coalesce(settled.samples, points.samples) as samples,
    coalesce(settled.idle_samples, points.idle_samples) as idle_samples,
    coalesce(settled.idle_held_samples, points.idle_held_samples) as idle_held_samples,
    case
        when settled.device_key is null then points.memory_known_samples
        when settled.is_memory_known then settled.samples
        else 0
    end as memory_known_samples,
    coalesce(points.streak_samples, 0) as streak_samples,
    coalesce(points.streak_held_samples, 0) as streak_held_samples,
    coalesce(points.single_samples, 0) as single_samples,
    points.mean_ratio,
    points.max_ratio,
    points.p95_ratio,
    points.zero_samples
from settled
full join points
    on settled.device_key = points.device_key and settled.hour_start = points.hour_start
