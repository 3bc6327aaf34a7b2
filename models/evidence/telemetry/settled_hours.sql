-- One row per source, device and hour whose samples need not be looked at one by one: how many it
-- was idle with at its beginning and its end, and which of them held memory.
{{ config(
    materialized='incremental',
    pre_hook="{{ delete_queued('source_name', 'billing_period') }}"
) }}
-- Nothing missing and nothing twice: then times tell how many samples are between them.
with whole as (

    select
        *,
        utilisation_samples - utilisation_over_samples as idle_samples,
        case
            when utilisation_over_samples = 0 then utilisation_samples
            else {{ samples_between('utilisation_first_at', 'utilisation_first_over_at') }}
        end as lead_samples,
        case
            when utilisation_over_samples = 0 then 0
            else {{ samples_between('utilisation_last_over_at', 'utilisation_last_at') }}
        end as trail_samples
    from {{ ref('device_hours') }}
    where
        {{ rebuild_predicate('source_name', 'billing_period') }}
        and is_step_known
        and utilisation_over_samples is not null
        and utilisation_samples
        = {{ samples_between('utilisation_first_at', 'utilisation_last_at') }} + 1
        and (
            memory_samples is null
            or (
                memory_samples = utilisation_samples
                and memory_first_at = utilisation_first_at
                and memory_last_at = utilisation_last_at
            )
        )

),

parts as (

    select
        *,
        idle_samples - lead_samples - trail_samples as mid_idle_samples,
        utilisation_samples - lead_samples - trail_samples as mid_samples,
        -- Memory of the beginning and of the end: all of it held, none, or NULL: some.
        case
            when memory_samples is null or lead_samples = 0 then 0
            when memory_over_samples = 0 then 0
            when memory_over_samples = memory_samples then lead_samples
            when memory_first_over_at >= utilisation_first_over_at then 0
            when memory_first_under_at >= utilisation_first_over_at then lead_samples
        end as lead_held_samples,
        case
            when memory_samples is null or trail_samples = 0 then 0
            when memory_over_samples = 0 then 0
            when memory_over_samples = memory_samples then trail_samples
            when memory_last_over_at <= utilisation_last_over_at then 0
            when memory_last_under_at <= utilisation_last_over_at then trail_samples
        end as trail_held_samples
    from whole

),

held as (

    select
        *,
        coalesce(memory_over_samples, 0) - lead_held_samples - trail_held_samples
            as mid_held_samples
    from parts

)

select
    source_name,
    billing_period,
    device_key,
    hour_start,
    utilisation_samples as samples,
    utilisation_first_at as first_at,
    utilisation_last_at as last_at,
    utilisation_first_over_at as first_over_at,
    utilisation_last_over_at as last_over_at,
    memory_samples is not null as is_memory_known,
    lead_samples,
    trail_samples,
    lead_held_samples,
    trail_held_samples,
    idle_samples,
    lead_held_samples + trail_held_samples
    + case when mid_held_samples = 0 then 0 else mid_idle_samples end as idle_held_samples,
    step_seconds
from held
where
    mid_idle_samples >= 0
    and lead_held_samples is not null
    and trail_held_samples is not null
    and (mid_idle_samples = 0 or mid_held_samples in (0, mid_samples))
    -- Pauses between work are too short to be listed, whatever follows the hour.
    and (
        mid_idle_samples = 0
        or {{ has_no_long_pause(
            'utilisation_over_minutes', idle_parameter('listed_from_minutes'),
            idle_parameter('streak_minutes')
        ) }}
    )
