-- One row per provider, billed machine, hour and accelerator, MIG slice or rest of the machine: its
-- part of the machine, and the parts of that which were used, idle, held by nobody or unseen. Only
-- of machine-hours of which telemetry or a scheduler tells something.
with charged as (

    select
        provider,
        resource_key,
        hour_start,
        cast(max(accelerator_count) as double) as accelerators
    from {{ ref('accelerator_charges') }}
    group by provider, resource_key, hour_start

),

watched as (

    select
        provider,
        resource_key,
        hour_start,
        sum(weight) as weight
    from {{ ref('accelerator_readings') }}
    group by provider, resource_key, hour_start

),

-- What nobody watches of a machine is there all the same.
whole as (

    select
        provider, resource_key, hour_start, device_id, pod_name, weight, held_part, used_part,
        idle_held_part, idle_free_part
    from {{ ref('accelerator_readings') }}
    union all
    select
        charged.provider,
        charged.resource_key,
        charged.hour_start,
        '' as device_id,
        cast(null as string) as pod_name,
        charged.accelerators - coalesce(watched.weight, 0) as weight,
        cast(null as double) as held_part,
        0 as used_part,
        0 as idle_held_part,
        0 as idle_free_part
    from charged
    left join watched
        on
            charged.provider = watched.provider
            and charged.resource_key = watched.resource_key
            and charged.hour_start = watched.hour_start
    left join {{ ref('accelerators_reserved') }} as reserved
        on
            charged.provider = reserved.provider
            and charged.resource_key = reserved.resource_key
            and charged.hour_start = reserved.hour_start
    where
        charged.accelerators - coalesce(watched.weight, 0) > 0.000001
        and (watched.weight is not null or reserved.accelerators is not null)

),

grouped as (

    select
        whole.*,
        greatest(0, 1 - used_part - idle_held_part - idle_free_part) as unknown_part,
        reserved.told_by,
        -- A label says of its accelerator who holds it; a reservation, how many of the others are.
        case when held_part is null then '' else device_id end as held_group,
        reserved.accelerators - coalesce(sum(held_part * weight) over (
            partition by whole.provider, whole.resource_key, whole.hour_start
        ), 0) as reserved_of_others
    from whole
    left join {{ ref('accelerators_reserved') }} as reserved
        on
            whole.provider = reserved.provider
            and whole.resource_key = reserved.resource_key
            and whole.hour_start = reserved.hour_start

),

free as (

    select
        *,
        -- Accelerators of the group that nobody holds.
        case
            when held_part is not null then weight * (1 - held_part)
            when told_by is null then 0
            else greatest(0, sum(weight) over same_group - greatest(0, reserved_of_others))
        end as nobodys,
        sum(weight * idle_free_part) over same_group as idle_free,
        sum(weight * unknown_part) over same_group as unseen,
        sum(weight * idle_held_part) over same_group as idle_held
    from grouped
    window same_group as (partition by provider, resource_key, hour_start, held_group)

),

-- What is held by nobody was idle, or nobody saw it; work that is done without a reservation stays
-- work.
taken as (

    select
        *,
        coalesce({{ ratio('least(nobodys, idle_free)', 'idle_free') }}, 0) as of_free,
        coalesce({{ ratio(
            'least(greatest(0, nobodys - idle_free), unseen)', 'unseen'
        ) }}, 0) as of_unseen,
        coalesce({{ ratio(
            'least(greatest(0, nobodys - idle_free - unseen), idle_held)', 'idle_held'
        ) }}, 0) as of_held
    from free

)

select
    provider,
    resource_key,
    hour_start,
    device_id,
    pod_name,
    case when held_part is not null then 'labels' else told_by end as held_told_by,
    round(weight, 9) as weight,
    round(weight / sum(weight) over (partition by provider, resource_key, hour_start), 12)
        as machine_share,
    round(used_part, 9) as used_part,
    round(idle_held_part * (1 - of_held), 9) as idle_held_part,
    round(idle_free_part * (1 - of_free), 9) as idle_free_part,
    round(
        idle_free_part * of_free + unknown_part * of_unseen + idle_held_part * of_held, 9
    ) as unallocated_part
from taken
