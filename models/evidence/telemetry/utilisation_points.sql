-- One row per source, device and settled hour or single sample: whether it is idle, and which
-- uninterrupted stretch of the same state it belongs to.
{{ config(
    materialized='incremental',
    pre_hook="{{ delete_queued('source_name', 'billing_period') }}"
) }}
with hours as (

    select *
    from {{ ref('device_hours') }}
    where
        {{ rebuild_predicate('source_name', 'billing_period') }}
        and utilisation_samples > 0

),

ticks as (

    select *
    from {{ ref('unsettled_samples') }}
    where {{ rebuild_predicate('source_name', 'billing_period') }}

),

points as (

    select
        source_name,
        billing_period,
        device_key,
        hour_start,
        utilisation_first_at as started_at,
        utilisation_last_at as ended_at,
        utilisation_samples as samples,
        utilisation_idle_samples > 0 as is_idle,
        memory_high_samples > 0 as is_held,
        cast(null as double) as utilisation_ratio
    from hours
    where is_settled
    union all
    select
        source_name,
        billing_period,
        device_key,
        hour_start,
        sampled_at as started_at,
        ended_at,
        1 as samples,
        utilisation_ratio < {{ idle_parameter('idle_below') }} as is_idle,
        memory_mib > {{ idle_parameter('held_above') }} as is_held,
        utilisation_ratio
    from ticks
    where utilisation_ratio is not null

),

devices as (

    select distinct
        device_key,
        device_id,
        step_seconds
    from hours

),

followed as (

    select
        points.*,
        devices.device_id,
        devices.step_seconds,
        case
            when
                lag(points.is_idle) over stretch = points.is_idle
                and {{ seconds_between('lag(points.ended_at) over stretch', 'points.started_at') }}
                <= {{ idle_parameter('gap_steps') }} * devices.step_seconds
                then 0
            else 1
        end as begins_stretch
    from points
    left join devices on points.device_key = devices.device_key
    window stretch as (partition by points.device_key order by points.started_at)

),

numbered as (

    select
        *,
        sum(begins_stretch) over (
            partition by device_key order by started_at rows unbounded preceding
        ) as stretch_number
    from followed

)

select
    source_name,
    billing_period,
    device_id,
    hour_start,
    started_at,
    ended_at,
    samples,
    is_idle,
    is_held,
    utilisation_ratio,
    step_seconds,
    stretch_number,
    -- The last sample stands for the time up to the one that would have followed.
    {{ seconds_between(
        'min(started_at) over whole_stretch', 'max(ended_at) over whole_stretch'
    ) }} + step_seconds as stretch_seconds
from numbered
window whole_stretch as (partition by device_key, stretch_number)
