-- One row per provider, billed machine, hour and accelerator or MIG slice that telemetry saw: what
-- part of the machine it is, who held it and what it did.
with billed as (

    select
        provider,
        resource_key,
        hour_start,
        cast(max(accelerator_count) as double) as accelerators
    from {{ ref('accelerator_charges') }}
    group by provider, resource_key, hour_start

),

-- Several exporters may watch one machine; the one that sees most of it in the hour tells.
telling as (

    select
        provider,
        resource_key,
        hour_start,
        source_name
    from {{ ref('accelerator_hours_observed') }}
    where resource_key is not null
    group by provider, resource_key, hour_start, source_name
    qualify row_number() over (
        partition by provider, resource_key, hour_start
        order by sum(coverage_ratio) desc, source_name
    ) = 1

),

seen as (

    select
        observed.*,
        billed.accelerators,
        {{ mig_share('observed.mig_profile', 'slices.slices') }} as slice_share,
        max(case when observed.mig_instance is null then 0 else 1 end) over same_card as is_sliced,
        -- Exporters label pods on all of a machine or on nothing; without, nobody knows who holds.
        max(coalesce(observed.pod_count, 0)) over same_machine > 0 as has_pod_labels
    from {{ ref('accelerator_hours_observed') }} as observed
    inner join telling
        on
            observed.provider = telling.provider
            and observed.resource_key = telling.resource_key
            and observed.hour_start = telling.hour_start
            and observed.source_name = telling.source_name
    inner join billed
        on
            observed.provider = billed.provider
            and observed.resource_key = billed.resource_key
            and observed.hour_start = billed.hour_start
    left join {{ ref('mig_slices') }} as slices
        on {{ text_matches_pattern('observed.model_name', 'slices.model_pattern') }}
    window
        same_card as (
            partition by
                observed.provider, observed.resource_key, observed.hour_start,
                coalesce(observed.gpu_uuid, observed.device_id)
        ),
        same_machine as (
            partition by
                observed.provider, observed.resource_key, date_trunc('month', observed.hour_start)
        )

),

weighed as (

    select
        *,
        is_sliced = 1 and mig_instance is null as is_unsliced_rest,
        case
            when mig_instance is not null then slice_share
            -- What no slice was made of is there for nobody.
            when is_sliced = 1 then 1 - sum(slice_share) over (
                partition by provider, resource_key, hour_start, coalesce(gpu_uuid, device_id)
            )
            -- One reading for all accelerators of a machine.
            when gpu_uuid is null and gpu_index is null then accelerators
            else 1
        end as weight
    from seen

)

select
    provider,
    resource_key,
    hour_start,
    device_id,
    source_name,
    gpu_uuid,
    gpu_index,
    mig_profile,
    pod_name,
    accelerators,
    weight,
    coverage_ratio,
    case
        when is_unsliced_rest then 0
        when has_pod_labels then least(1, allocated_minutes / 60)
    end as held_part,
    case when is_unsliced_rest then 0 else used_minutes / 60 end as used_part,
    -- Idleness has to be seen: in an hour with too few samples it is unknown.
    case when is_covered and not is_unsliced_rest then idle_held_minutes / 60 else 0 end
        as idle_held_part,
    case when is_covered and not is_unsliced_rest then idle_free_minutes / 60 else 0 end
        as idle_free_part,
    idle_unread_minutes,
    state_told_by,
    mean_utilisation_ratio,
    p95_utilisation_ratio,
    max_utilisation_ratio,
    memory_used_max_mib,
    memory_total_mib,
    coalesce(energy_kwh, power_mean_watts / 1000 * coverage_ratio) as energy_kwh
from weighed
where weight > 0.000001
