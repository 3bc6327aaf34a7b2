-- One row per billed hour of a machine that ever was a run's, and run that held it in that hour:
-- from when to when, and what it weighs among others. Hours that no run held have one row without
-- a run.
with executors as (

    select
        executors.source_name as run_source_name,
        executors.run_id,
        executors.provider,
        executors.resource_key,
        holds.parent_run_id,
        holds.grandparent_run_id,
        holds.held_from,
        holds.held_until,
        waste.waste_class,
        waste.useless_from,
        holds.accelerator_count / count(*) over (
            partition by executors.source_name, executors.run_id
        ) as accelerators
    from {{ ref('run_executors') }} as executors
    inner join {{ ref('run_holds') }} as holds
        on executors.source_name = holds.source_name and executors.run_id = holds.run_id
    left join {{ ref('run_waste') }} as waste
        on executors.source_name = waste.source_name and executors.run_id = waste.run_id
    where holds.held_until > holds.held_from

),

-- A node of a cluster has thousands of runs and hours: they meet by the day.
days as (

    select
        executors.*,
        cast({{ hours_later(
            "date_trunc('day', executors.held_from)", '24 * copies.day_number'
        ) }} as date) as held_on
    from executors
    {{ numbered_copies(
        '1 + floor(' ~ seconds_between(
            "date_trunc('day', executors.held_from)", 'executors.held_until'
        ) ~ ' / 86400)', 'copies', 'day_number'
    ) }}

),

hours as (

    select
        hours.provider,
        hours.resource_key,
        hours.hour_start,
        max(keys.x_instance_type) as instance_type,
        max(accelerators.accelerator_count) as accelerators,
        -- Who bills parts of a machine counts more than one hour of it.
        least(coalesce(nullif(cast(sum(hours.machine_hours) as double), 0), 1), 1) as billed_hours
    from {{ ref('machine_hours') }} as hours
    inner join (select distinct resource_key from executors) as wanted
        on hours.resource_key = wanted.resource_key
    inner join {{ ref('attribution_keys') }} as keys
        on
            hours.source_name = keys.source_name
            and hours.billing_period = keys.billing_period
            and hours.attribution_key = keys.attribution_key
    left join {{ ref('key_accelerators') }} as accelerators
        on
            hours.source_name = accelerators.source_name
            and hours.billing_period = accelerators.billing_period
            and hours.attribution_key = accelerators.attribution_key
    group by hours.provider, hours.resource_key, hours.hour_start

),

bases as (

    select
        machines.provider,
        machines.resource_key,
        min_by(policy.share_basis, policy.position) as share_basis
    from (select distinct provider, resource_key, instance_type from hours) as machines
    inner join {{ ref('run_share_policy') }} as policy
        on
            coalesce(nullif(policy.provider, ''), machines.provider) = machines.provider
            and {{ text_matches_pattern(
                "coalesce(machines.instance_type, '')", "coalesce(policy.instance_pattern, '')"
            ) }}
    group by machines.provider, machines.resource_key

)

select
    hours.provider,
    hours.resource_key,
    hours.hour_start,
    hours.billed_hours,
    days.run_source_name,
    days.run_id,
    days.parent_run_id,
    days.grandparent_run_id,
    days.waste_class,
    greatest(days.held_from, hours.hour_start) as from_at,
    least(days.held_until, {{ hours_later('hours.hour_start', 1) }}) as until_at,
    days.useless_from,
    -- Who does not say how many accelerators it uses asks for the whole machine.
    case
        when bases.share_basis = 'accelerator_count' and hours.accelerators > 0
            then coalesce(days.accelerators, cast(hours.accelerators as double))
        else 1
    end as weight,
    case
        when bases.share_basis = 'accelerator_count' and hours.accelerators > 0
            then cast(hours.accelerators as double)
        else 0
    end as capacity
from hours
inner join bases
    on hours.provider = bases.provider and hours.resource_key = bases.resource_key
left join days
    on
        hours.resource_key = days.resource_key
        and hours.provider = coalesce(days.provider, hours.provider)
        and cast(hours.hour_start as date) = days.held_on
        and hours.hour_start < days.held_until
        and {{ hours_later('hours.hour_start', 1) }} > days.held_from
