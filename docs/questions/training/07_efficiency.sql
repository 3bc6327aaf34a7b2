-- What does it cost to reach the quality that is asked for, by technique and way of buying?
select
    experiment_name,
    technique,
    precision_name,
    accelerator_model,
    purchase_option,
    billing_currency,
    round(target_value, 4) as target_value,
    target_source,
    runs,
    reached_runs,
    cast(effective_cost_per_success as decimal(18, 2)) as effective_cost_per_success,
    cast(mean_effective_cost_until_reached as decimal(18, 2)) as mean_effective_cost_until_reached,
    round(mean_hours_until_reached, 2) as mean_hours_until_reached
from training.efficiency
order by experiment_name, effective_cost_per_success nulls last, technique, accelerator_model,
    purchase_option
