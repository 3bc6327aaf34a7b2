-- One row per run that was of no use, or from some time on, and currency: its one class of waste,
-- the money, who answers for it and what tells.
select
    source_name,
    run_id,
    billing_currency,
    waste_class,
    team,
    project,
    user_name,
    experiment_name,
    model_name,
    run_name,
    run_state,
    useless_from,
    held_until as useless_until,
    wasted_seconds,
    wasted_machine_hours,
    wasted_accelerator_hours,
    wasted_billed_cost,
    wasted_effective_cost,
    wasted_list_cost,
    effective_cost as run_effective_cost,
    cost_state,
    related_run_id,
    waste_evidence as evidence
from {{ ref('training_runs') }}
where waste_class is not null
