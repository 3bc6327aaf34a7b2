-- What did each experiment cost, how did its runs end, and what part was of no use?
select
    source_name,
    experiment_name,
    team,
    billing_currency,
    runs,
    succeeded_runs,
    failed_runs,
    unknown_cost_runs,
    cast(effective_cost as decimal(18, 2)) as effective_cost,
    round(wasted_ratio, 3) as wasted_ratio
from training.experiments
order by effective_cost desc nulls last, source_name, experiment_name
