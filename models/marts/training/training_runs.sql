-- One row per run and currency of its machines' bills: what was tried, how it ended, what it held
-- and what that cost. A run whose machines are in no bill has one row without currency and cost.
with covered as (

    select
        run_source_name as source_name,
        run_id,
        sum(seconds) as billed_seconds,
        sum(case when waste_class is not null then seconds end) as wasted_seconds,
        max(case when share_kind = 'run' then 1 else 0 end) as holds_itself
    from {{ ref('run_machine_parts') }}
    group by run_source_name, run_id

),

executors as (

    select
        source_name,
        run_id,
        count(distinct resource_key) as executor_count
    from {{ ref('run_executors') }}
    group by source_name, run_id

),

children as (

    select
        source_name,
        parent_run_id as run_id,
        count(*) as child_runs
    from {{ ref('runs') }}
    where parent_run_id is not null
    group by source_name, parent_run_id

),

timed as (

    select
        runs.*,
        holds.held_from,
        holds.held_until,
        {{ seconds_between('holds.held_from', 'holds.held_until') }} as run_seconds,
        coalesce(executors.executor_count, 0) as executor_count,
        coalesce(children.child_runs, 0) as child_runs,
        covered.billed_seconds,
        covered.wasted_seconds,
        covered.holds_itself,
        {{ ratio(
            'covered.billed_seconds',
            seconds_between('holds.held_from', 'holds.held_until') ~ ' * executors.executor_count'
        ) }} as coverage_ratio
    from {{ ref('runs') }} as runs
    left join {{ ref('run_holds') }} as holds
        on runs.source_name = holds.source_name and runs.run_id = holds.run_id
    left join executors
        on runs.source_name = executors.source_name and runs.run_id = executors.run_id
    left join children
        on runs.source_name = children.source_name and runs.run_id = children.run_id
    left join covered
        on runs.source_name = covered.source_name and runs.run_id = covered.run_id

)

select
    -- identity
    timed.source_name,
    timed.run_id,
    costs.billing_currency,
    timed.system,
    timed.parent_run_id,
    cast(timed.child_runs as bigint) as child_runs,
    labels.experiment_name,
    timed.run_name,
    labels.model_name,
    labels.technique,
    labels.precision_name,
    labels.team,
    labels.team_source,
    labels.project,
    timed.user_name,
    -- time
    timed.run_state,
    timed.started_at,
    timed.held_from,
    timed.held_until,
    timed.run_seconds,
    -- machines
    cast(timed.executor_count as bigint) as executors,
    cast(coalesce(costs.machines, 0) as bigint) as machines,
    costs.instance_type,
    costs.accelerator_model,
    coalesce(
        timed.accelerator_count,
        cast(costs.accelerators_per_machine * timed.executor_count as double)
    ) as accelerators,
    costs.purchase_option,
    {%- for option in ['on_demand', 'spot', 'committed', 'reserved', 'on_prem'] %}
    costs.{{ option }}_hours,
    {%- endfor %}
    costs.machine_hours,
    costs.accelerator_hours,
    -- money
    case
        when timed.held_from is null then 'not_begun'
        when costs.run_id is null then 'unknown'
        when timed.holds_itself = 0 then 'in_children'
        when timed.coverage_ratio < 0.999 then 'partly_billed'
        else 'billed'
    end as cost_state,
    least(coalesce(timed.coverage_ratio, 0), 1) as coverage_ratio,
    costs.billed_cost,
    costs.effective_cost,
    costs.list_cost,
    costs.storage_effective_cost,
    costs.transfer_effective_cost,
    costs.attached_effective_cost,
    -- use
    waste.waste_class,
    waste.useless_from,
    timed.wasted_seconds,
    costs.wasted_machine_hours,
    costs.wasted_accelerator_hours,
    costs.wasted_billed_cost,
    costs.wasted_effective_cost,
    costs.wasted_list_cost,
    waste.related_run_id,
    waste.evidence as waste_evidence,
    objectives.metric_name,
    objectives.direction as metric_direction,
    objectives.target_value,
    objectives.best_value,
    objectives.best_step,
    objectives.best_at,
    objectives.last_step
from timed
inner join {{ ref('run_labels') }} as labels
    on timed.source_name = labels.source_name and timed.run_id = labels.run_id
left join {{ ref('run_costs') }} as costs
    on timed.source_name = costs.source_name and timed.run_id = costs.run_id
left join {{ ref('run_waste') }} as waste
    on timed.source_name = waste.source_name and timed.run_id = waste.run_id
left join {{ ref('run_objectives') }} as objectives
    on timed.source_name = objectives.source_name and timed.run_id = objectives.run_id
