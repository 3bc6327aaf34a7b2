-- What did training each model cost, and what does a run that succeeds cost?
select
    coalesce(model_name, 'unknown') as model,
    billing_currency,
    runs,
    experiments,
    cast(accelerator_hours as decimal(18, 1)) as accelerator_hours,
    cast(effective_cost as decimal(18, 2)) as effective_cost,
    cast(effective_cost_per_succeeded_run as decimal(18, 2)) as effective_cost_per_succeeded_run
from training.models
order by effective_cost desc nulls last, model, billing_currency
