-- One row per source, device and idle streak: from when to when an accelerator did nothing.
with streaks as (

    select
        device_key,
        stretch_number,
        min(started_at) as started_at,
        max(ended_at) as ended_at,
        max(stretch_seconds) as streak_seconds,
        sum(samples) as samples,
        sum(case when is_held then samples else 0 end) as held_samples,
        count(is_held) = count(*) as is_memory_known
    from {{ ref('utilisation_points') }}
    where
        is_idle
        and stretch_seconds >= 60 * {{ idle_parameter('listed_from_minutes') }}
    group by device_key, stretch_number

),

devices as (

    select distinct
        device_key,
        source_name,
        billing_period,
        device_id
    from {{ ref('device_hours') }}

)

select
    devices.source_name,
    devices.billing_period,
    devices.device_id,
    streaks.stretch_number,
    streaks.started_at,
    streaks.ended_at,
    streaks.streak_seconds,
    streaks.samples,
    streaks.held_samples,
    streaks.is_memory_known,
    streaks.streak_seconds >= 60 * {{ idle_parameter('streak_minutes') }} as is_idle
from streaks
inner join devices on streaks.device_key = devices.device_key
