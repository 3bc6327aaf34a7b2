-- Which runs take much longer than others of their experiment?
select
    coalesce(run_name, run_id) as run,
    experiment_name,
    team,
    run_state,
    is_running,
    round(run_seconds / 3600, 2) as run_hours,
    round(median_seconds / 3600, 2) as median_hours,
    round(times_median, 1) as times_median,
    billing_currency,
    cast(effective_cost as decimal(18, 2)) as effective_cost,
    cast(excess_effective_cost as decimal(18, 2)) as excess_effective_cost
from training.runaways
order by excess_effective_cost desc nulls last, source_name, run_id
