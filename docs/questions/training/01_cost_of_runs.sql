-- Which runs cost most, who answers for them, and what of them was of no use?
select
    coalesce(run_name, run_id) as run,
    experiment_name,
    team,
    run_state,
    instance_type,
    purchase_option,
    round(run_seconds / 3600, 2) as run_hours,
    billing_currency,
    cast(effective_cost as decimal(18, 2)) as effective_cost,
    waste_class,
    cast(wasted_effective_cost as decimal(18, 2)) as wasted_effective_cost,
    cost_state
from training.runs
order by effective_cost desc nulls last, source_name, run_id
limit 15
