-- What did searching for parameters cost, and what of it went to runs nobody will look at again?
select
    sweep_run_id,
    experiment_name,
    team,
    billing_currency,
    runs,
    best_run_id,
    best_value,
    improvements,
    cast(effective_cost as decimal(18, 2)) as effective_cost,
    cast(effective_cost_per_improvement as decimal(18, 2)) as effective_cost_per_improvement,
    round(outside_top_k_ratio, 3) as outside_top_k_ratio
from training.sweeps
order by effective_cost desc nulls last, sweep_run_id
