-- One row per source, device and idle streak: from when to when an accelerator did nothing.
select
    source_name,
    billing_period,
    device_id,
    stretch_number,
    min(started_at) as started_at,
    max(ended_at) as ended_at,
    max(stretch_seconds) as streak_seconds,
    sum(samples) as samples,
    sum(case when is_held then samples else 0 end) as held_samples,
    count(is_held) = count(*) as is_memory_known,
    max(stretch_seconds) >= 60 * {{ idle_parameter('streak_minutes') }} as is_idle
from {{ ref('utilisation_points') }}
where
    is_idle
    and stretch_seconds >= 60 * {{ idle_parameter('listed_from_minutes') }}
group by source_name, billing_period, device_id, stretch_number
