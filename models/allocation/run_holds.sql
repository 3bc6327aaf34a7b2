-- One row per run that has begun: from when to when it held its machines, and by what it is judged.
with executors as (

    select
        source_name,
        run_id,
        executor,
        provider,
        resource_key
    from {{ ref('run_executors') }}

),

machines as (

    select
        hours.source_name as bill_name,
        hours.provider,
        hours.resource_key,
        min(hours.hour_start) as first_hour,
        max(hours.hour_start) as last_hour,
        max(case when keys.pricing_category = 'Dynamic' then 1 else 0 end) as is_spot
    from {{ ref('machine_hours') }} as hours
    inner join {{ ref('attribution_keys') }} as keys
        on
            hours.source_name = keys.source_name
            and hours.billing_period = keys.billing_period
            and hours.attribution_key = keys.attribution_key
    inner join (select distinct resource_key from executors) as wanted
        on hours.resource_key = wanted.resource_key
    group by hours.source_name, hours.provider, hours.resource_key

),

bills as (

    select
        source_name,
        max(hour_start) as last_hour
    from {{ ref('machine_hours') }}
    group by source_name

),

-- A managed job is billed under its own name: all that its resource cost is its own.
billed as (

    select
        executors.source_name,
        executors.run_id,
        min(case when executors.executor = executors.run_id then machines.first_hour end)
            as own_from,
        max(case when executors.executor = executors.run_id then machines.last_hour end)
            as own_hour,
        max(case
            when machines.is_spot = 1 and machines.last_hour < bills.last_hour
                then machines.last_hour
        end) as taken_hour
    from executors
    inner join machines
        on
            executors.resource_key = machines.resource_key
            and coalesce(executors.provider, machines.provider) = machines.provider
    inner join bills on machines.bill_name = bills.source_name
    group by executors.source_name, executors.run_id

)

select
    runs.source_name,
    runs.run_id,
    runs.parent_run_id,
    parents.parent_run_id as grandparent_run_id,
    runs.run_state,
    coalesce(billed.own_from, runs.started_at) as held_from,
    coalesce(
        {{ hours_later('billed.own_hour', 1) }},
        runs.ended_at,
        case
            when runs.run_state = 'abandoned'
                then {{ hours_later('runs.last_alive_at', run_parameter('abandoned_held_hours')) }}
            when runs.run_state in ('running', 'suspended') then runs.told_until_at
            else runs.last_logged_at
        end
    ) as held_until,
    {{ hours_later('billed.taken_hour', 1) }} as taken_at,
    runs.accelerator_count,
    case
        when runs.git_sha is not null and runs.dataset_name is not null
            then runs.git_sha || '|' || runs.dataset_name || '|' || runs.parameters_key
    end as recipe_key,
    objectives.metric_name,
    objectives.best_at,
    objectives.best_step,
    objectives.first_step,
    objectives.times_after_best
from {{ ref('runs') }} as runs
left join {{ ref('runs') }} as parents
    on runs.source_name = parents.source_name and runs.parent_run_id = parents.run_id
left join {{ ref('run_objectives') }} as objectives
    on runs.source_name = objectives.source_name and runs.run_id = objectives.run_id
left join billed
    on runs.source_name = billed.source_name and runs.run_id = billed.run_id
where runs.started_at is not null
