-- One row per source, device and single sample, or part of a settled hour: whether it is idle, and
-- which uninterrupted stretch of the same state it belongs to.
{{ config(
    materialized='incremental',
    pre_hook="{{ delete_queued('source_name', 'billing_period') }}"
) }}
with settled as (

    select *
    from {{ ref('settled_hours') }}
    where {{ rebuild_predicate('source_name', 'billing_period') }}

),

-- The idle beginning of an hour, what lies between its first and last work, the idle end.
points as (

    select
        source_name,
        billing_period,
        device_key,
        hour_start,
        first_at as started_at,
        case
            when first_over_at is null then last_at
            else {{ seconds_later('first_over_at', '-step_seconds') }}
        end as ended_at,
        lead_samples as samples,
        true as is_idle,
        case when is_memory_known then lead_held_samples > 0 end as is_held,
        cast(null as double) as utilisation_ratio,
        step_seconds
    from settled
    where lead_samples > 0
    union all
    select
        source_name,
        billing_period,
        device_key,
        hour_start,
        first_over_at as started_at,
        last_over_at as ended_at,
        samples - lead_samples - trail_samples as samples,
        false as is_idle,
        cast(null as boolean) as is_held,
        cast(null as double) as utilisation_ratio,
        step_seconds
    from settled
    where first_over_at is not null
    union all
    select
        source_name,
        billing_period,
        device_key,
        hour_start,
        {{ seconds_later('last_over_at', 'step_seconds') }} as started_at,
        last_at as ended_at,
        trail_samples as samples,
        true as is_idle,
        case when is_memory_known then trail_held_samples > 0 end as is_held,
        cast(null as double) as utilisation_ratio,
        step_seconds
    from settled
    where trail_samples > 0
    union all
    select
        ticks.source_name,
        ticks.billing_period,
        ticks.device_key,
        ticks.hour_start,
        ticks.sampled_at as started_at,
        ticks.ended_at,
        1 as samples,
        ticks.utilisation_ratio < {{ idle_parameter('idle_below') }} as is_idle,
        ticks.memory_mib > {{ idle_parameter('held_above') }} as is_held,
        ticks.utilisation_ratio,
        hours.step_seconds
    from {{ ref('unsettled_samples') }} as ticks
    inner join {{ ref('device_hours') }} as hours
        on ticks.device_key = hours.device_key and ticks.hour_start = hours.hour_start
    where
        {{ rebuild_predicate('ticks.source_name', 'ticks.billing_period') }}
        and ticks.utilisation_ratio is not null

),

followed as (

    select
        *,
        case
            when
                lag(is_idle) over stretch = is_idle
                and {{ seconds_between('lag(ended_at) over stretch', 'started_at') }}
                <= {{ idle_parameter('gap_steps') }} * step_seconds
                then 0
            else 1
        end as begins_stretch
    from points
    window stretch as (partition by device_key order by started_at)

),

numbered as (

    select
        *,
        sum(begins_stretch) over (
            partition by device_key order by started_at rows unbounded preceding
        ) as stretch_number
    from followed

),

-- The last sample stands for the time up to the one that would have followed.
lengths as (

    select
        device_key,
        stretch_number,
        {{ seconds_between('min(started_at)', 'max(ended_at)') }} + min(step_seconds)
            as stretch_seconds
    from numbered
    group by device_key, stretch_number

)

select
    numbered.source_name,
    numbered.billing_period,
    numbered.device_key,
    numbered.hour_start,
    numbered.started_at,
    numbered.ended_at,
    numbered.samples,
    numbered.is_idle,
    numbered.is_held,
    numbered.utilisation_ratio,
    numbered.stretch_number,
    lengths.stretch_seconds
from numbered
inner join lengths
    on numbered.device_key = lengths.device_key
    and numbered.stretch_number = lengths.stretch_number
