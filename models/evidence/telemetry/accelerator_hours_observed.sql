-- One row per source, device and hour: what an accelerator or MIG slice was seen doing, on which
-- machine and for which pod. What nobody saw is unknown, never idle.
{{ config(
    materialized='incremental',
    pre_hook="{{ delete_queued('source_name', 'billing_period') }}"
) }}
with hours as (

    select *
    from {{ ref('device_hours') }}
    where {{ rebuild_predicate('source_name', 'billing_period') }}

),

seen as (

    select *
    from {{ ref('sample_states') }}
    where {{ rebuild_predicate('source_name', 'billing_period') }}

),

observed as (

    select
        hours.source_name,
        hours.billing_period,
        hours.device_id,
        hours.hour_start,
        devices.gpu_uuid,
        devices.gpu_index,
        devices.mig_instance,
        devices.mig_profile,
        devices.model_name,
        -- A line of telemetry_hosts counts before what labels say.
        case
            when nodes.told_by = 'telemetry_hosts' then nodes.provider
            else coalesce(devices.stated_provider, nodes.provider)
        end as provider,
        case
            when nodes.told_by = 'telemetry_hosts' then nodes.resource_key
            else coalesce(devices.stated_resource_key, nodes.resource_key)
        end as resource_key,
        devices.cluster_name,
        devices.node_name,
        hours.pod_name,
        hours.pod_count,
        hours.step_seconds,
        hours.expected_samples,
        seen.samples,
        seen.state_told_by,
        seen.seen_part,
        seen.idle_part,
        seen.held_part,
        seen.unread_part,
        least(60, coalesce(hours.pod_samples, 0) * hours.step_seconds / 60) as pod_minutes,
        hours.utilisation_metric_name as utilisation_metric,
        coalesce(seen.mean_ratio, hours.utilisation_value_mean) as mean_utilisation_ratio,
        coalesce(seen.p95_ratio, hours.utilisation_value_p95) as p95_utilisation_ratio,
        coalesce(seen.max_ratio, hours.utilisation_value_max) as max_utilisation_ratio,
        case when seen.single_samples > 0 then seen.zero_samples
            else hours.utilisation_zero_samples end as zero_samples,
        seen.idle_samples,
        seen.idle_held_samples,
        seen.memory_known_samples,
        seen.streak_samples,
        hours.memory_used_mean_mib,
        hours.memory_used_max_mib,
        hours.memory_total_mib,
        hours.power_mean_watts,
        hours.power_max_watts,
        hours.energy_joules,
        hours.sm_active_ratio,
        hours.engine_active_ratio,
        hours.tensor_active_ratio
    from hours
    inner join {{ ref('telemetry_devices') }} as devices
        on hours.source_name = devices.source_name and hours.device_id = devices.device_id
    inner join seen
        on hours.device_key = seen.device_key and hours.hour_start = seen.hour_start
    left join {{ ref('node_resources') }} as nodes
        on devices.node_name = nodes.node_name
        and nodes.cluster_name in ('', devices.cluster_name)
        and hours.hour_start >= nodes.valid_from
        and (hours.hour_start < nodes.valid_to or nodes.valid_to is null)

)

select
    source_name,
    billing_period,
    device_id,
    hour_start,
    gpu_uuid,
    gpu_index,
    mig_instance,
    mig_profile,
    model_name,
    provider,
    resource_key,
    nullif(cluster_name, '') as cluster_name,
    node_name,
    pod_name,
    pod_count,
    step_seconds,
    samples,
    round(expected_samples, 2) as expected_samples,
    round(seen_part, 6) as coverage_ratio,
    seen_part >= {{ idle_parameter('covered_from') }} as is_covered,
    state_told_by,
    utilisation_metric,
    round(mean_utilisation_ratio, 6) as mean_utilisation_ratio,
    round(p95_utilisation_ratio, 6) as p95_utilisation_ratio,
    round(max_utilisation_ratio, 6) as max_utilisation_ratio,
    zero_samples,
    idle_samples,
    idle_held_samples,
    memory_known_samples,
    streak_samples,
    round(memory_used_mean_mib, 3) as memory_used_mean_mib,
    round(memory_used_max_mib, 3) as memory_used_max_mib,
    round(memory_total_mib, 3) as memory_total_mib,
    round(power_mean_watts, 3) as power_mean_watts,
    round(power_max_watts, 3) as power_max_watts,
    round(energy_joules / 3600000, 6) as energy_kwh,
    round(sm_active_ratio, 6) as sm_active_ratio,
    round(engine_active_ratio, 6) as engine_active_ratio,
    round(tensor_active_ratio, 6) as tensor_active_ratio,
    round(pod_minutes, 4) as allocated_minutes,
    -- The four states make the hour.
    round(60 * seen_part * (1 - idle_part), 4) as used_minutes,
    round(60 * seen_part * held_part, 4) as idle_held_minutes,
    round(60 * seen_part * (idle_part - held_part), 4) as idle_free_minutes,
    round(60 * seen_part * unread_part, 4) as idle_unread_minutes,
    round(60 * (1 - seen_part), 4) as unknown_minutes
from observed
