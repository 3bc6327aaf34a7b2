-- One row per provider, machine and hour: how many of its accelerators pods or jobs had reserved,
-- and who says so. Where a scheduler runs a machine, an hour without a job is 0 and not unknown.
with pods as (

    select
        provider,
        resource_key,
        hour_start,
        -- Slices are reserved by profile; how much of a card that is, labels of the slices tell.
        case
            when sum(coalesce(slices_requested, 0)) = 0
                then sum(coalesce(accelerators_requested, 0) * present_ratio)
        end as accelerators
    from {{ ref('pod_hours') }}
    where resource_key is not null
    group by provider, resource_key, hour_start

),

jobs as (

    select
        executors.provider,
        executors.resource_key,
        runs.started_at,
        coalesce(runs.ended_at, runs.last_alive_at, runs.told_until_at) as ended_at,
        runs.told_until_at,
        coalesce(runs.accelerator_count, 0)
        / count(*) over (partition by runs.source_name, runs.run_id) as accelerators
    from {{ ref('runs') }} as runs
    inner join {{ ref('run_executors') }} as executors
        on runs.source_name = executors.source_name and runs.run_id = executors.run_id
    where runs.system = 'slurm_sacct' and runs.started_at is not null

),

-- The hours of which the accounts of a scheduler tell: from its first job on the machine on.
managed as (

    select
        provider,
        resource_key,
        date_trunc('hour', min(started_at)) as first_hour,
        cast(ceil({{ seconds_between(
            "date_trunc('hour', min(started_at))", 'max(told_until_at)'
        ) }} / 3600) as bigint) as hours_told
    from jobs
    group by provider, resource_key

),

hours as (

    select
        managed.provider,
        managed.resource_key,
        {{ hours_later('managed.first_hour', 'copies.hour_number') }} as hour_start
    from managed
    {{ numbered_copies('managed.hours_told', 'copies', 'hour_number') }}

)

select
    provider,
    resource_key,
    hour_start,
    accelerators,
    'pods' as told_by
from pods
where accelerators is not null
union all
select
    hours.provider,
    hours.resource_key,
    hours.hour_start,
    coalesce(sum(
        jobs.accelerators * greatest(0, {{ seconds_between(
            'greatest(jobs.started_at, hours.hour_start)',
            'least(jobs.ended_at, ' ~ hours_later('hours.hour_start', 1) ~ ')'
        ) }}) / 3600
    ), 0) as accelerators,
    'jobs' as told_by
from hours
left join jobs
    on
        hours.provider = jobs.provider
        and hours.resource_key = jobs.resource_key
        and jobs.started_at < {{ hours_later('hours.hour_start', 1) }}
        and jobs.ended_at > hours.hour_start
left join pods
    on
        hours.provider = pods.provider
        and hours.resource_key = pods.resource_key
        and hours.hour_start = pods.hour_start
-- A node that Kubernetes and Slurm share is told of by Kubernetes.
where pods.accelerators is null
group by hours.provider, hours.resource_key, hours.hour_start
