-- One row per source, device and hour with samples: its samples by state, each instant once, and
-- what part of the hour was seen and was idle.
{{ config(
    materialized='incremental',
    pre_hook="{{ delete_queued('source_name', 'billing_period') }}"
) }}
-- Samples of idle streaks, and all samples of the hours that were looked at one by one.
with points as (

    select
        device_key,
        hour_start,
        sum(samples) as samples,
        sum(case when is_idle then 1 else 0 end) as idle_samples,
        sum(case when is_idle and is_held then 1 else 0 end) as idle_held_samples,
        count(is_held) as memory_known_samples,
        sum(case when is_idle and in_streak then samples else 0 end) as streak_samples,
        sum(case when is_idle and in_streak and is_held then samples else 0 end)
            as streak_held_samples,
        sum(case when is_idle and in_streak and is_held is null then samples else 0 end)
            as streak_unread_samples,
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

),

seen as (

    select
        hours.source_name,
        hours.billing_period,
        hours.device_key,
        hours.hour_start,
        coalesce(settled.samples, points.samples, 0) as samples,
        coalesce(settled.idle_samples, points.idle_samples) as idle_samples,
        coalesce(settled.idle_held_samples, points.idle_held_samples) as idle_held_samples,
        case
            when settled.device_key is null then points.memory_known_samples
            when settled.is_memory_known then settled.samples
            else 0
        end as memory_known_samples,
        coalesce(points.streak_samples, 0) as streak_samples,
        coalesce(points.streak_held_samples, 0) as streak_held_samples,
        coalesce(points.streak_unread_samples, 0) as streak_unread_samples,
        coalesce(points.single_samples, 0) as single_samples,
        points.mean_ratio,
        points.max_ratio,
        points.p95_ratio,
        points.zero_samples,
        least(
            1, coalesce(settled.samples, points.samples, 0) / hours.expected_samples
        ) as work_seen_part,
        least(1, hours.power_samples / hours.expected_samples) as power_seen_part,
        hours.memory_used_mean_mib > {{ idle_parameter('held_above') }} as is_memory_held,
        -- Of a board whose slices work it is not known which of them draws the power.
        case
            when {{ idle_parameter('power_fallback') }} = 1 and devices.mig_instance is null
                then hours.power_max_watts
                < {{ idle_parameter('power_idle_below') }} * devices.board_watts
        end as is_power_low
    from {{ ref('device_hours') }} as hours
    inner join {{ ref('telemetry_devices') }} as devices
        on hours.source_name = devices.source_name and hours.device_id = devices.device_id
    left join {{ ref('settled_hours') }} as settled
        on hours.device_key = settled.device_key and hours.hour_start = settled.hour_start
    left join points
        on hours.device_key = points.device_key and hours.hour_start = points.hour_start
    where {{ rebuild_predicate('hours.source_name', 'hours.billing_period') }}

),

told as (

    select
        *,
        case
            when samples > 0 then 'work'
            -- Idle is an hour that was seen, as a streak is not shorter.
            when not is_power_low then 'power'
            when is_power_low and power_seen_part >= {{ idle_parameter('covered_from') }}
                then 'power'
        end as state_told_by
    from seen

)

select
    source_name,
    billing_period,
    device_key,
    hour_start,
    samples,
    idle_samples,
    idle_held_samples,
    memory_known_samples,
    streak_samples,
    single_samples,
    mean_ratio,
    max_ratio,
    p95_ratio,
    zero_samples,
    state_told_by,
    case state_told_by when 'work' then work_seen_part when 'power' then power_seen_part else 0 end
        as seen_part,
    case state_told_by
        when 'work' then streak_samples / samples
        when 'power' then case when is_power_low then 1 else 0 end
        else 0
    end as idle_part,
    case state_told_by
        when 'work' then streak_held_samples / samples
        when 'power' then case when is_power_low and is_memory_held then 1 else 0 end
        else 0
    end as held_part,
    case state_told_by
        when 'work' then streak_unread_samples / samples
        when 'power' then case when is_power_low and is_memory_held is null then 1 else 0 end
        else 0
    end as unread_part
from told
