-- Up to how many accelerators does distributed training pay?
select
    experiment_name,
    model_name,
    accelerator_model,
    accelerators,
    round(seconds_per_step, 1) as seconds_per_step,
    billing_currency,
    cast(effective_cost_per_step as decimal(18, 4)) as effective_cost_per_step,
    round(speed_up, 2) as speed_up,
    round(parallel_efficiency, 2) as parallel_efficiency,
    pays,
    pays_up_to_accelerators
from training.scaling
order by experiment_name, model_name, accelerator_model, accelerators
