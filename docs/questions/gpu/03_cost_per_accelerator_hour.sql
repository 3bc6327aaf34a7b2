-- What does an hour of an accelerator cost, by model, provider and how it is bought?
select
    accelerator_model,
    provider,
    purchase_option,
    round(sum(accelerator_hours), 2) as accelerator_hours,
    round(sum(effective_cost) / sum(accelerator_hours), 4) as effective_cost_per_hour,
    round(sum(list_cost) / sum(accelerator_hours), 4) as list_cost_per_hour,
    billing_currency
from gpu.fleet_daily
where charge_kind = 'hours' and accelerator_hours > 0
group by all
order by accelerator_model, provider, purchase_option, billing_currency;
