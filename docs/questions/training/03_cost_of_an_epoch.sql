-- What does an epoch cost, by experiment and machine?
select
    runs.experiment_name,
    runs.instance_type,
    epochs.metric_name,
    epochs.billing_currency,
    count(*) as epochs,
    round(median(epochs.seconds) / 60, 1) as median_minutes,
    cast(median(epochs.effective_cost) as decimal(18, 4)) as median_effective_cost,
    cast(sum(epochs.effective_cost) as decimal(18, 2)) as effective_cost
from training.epochs as epochs
inner join training.runs as runs using (source_name, run_id, billing_currency)
group by runs.experiment_name, runs.instance_type, epochs.metric_name, epochs.billing_currency
order by effective_cost desc, runs.experiment_name, runs.instance_type
