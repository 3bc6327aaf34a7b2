-- Of how many accelerator-hours does anybody know what they did?
select
    provider,
    billing_currency,
    round(sum(accelerator_hours), 2) as accelerator_hours,
    round(sum(accelerator_hours - unknown_hours), 2) as known_hours,
    round(100 * sum(accelerator_hours - unknown_hours) / sum(accelerator_hours), 1)
        as known_percent,
    round(100 * sum(used_hours) / nullif(sum(accelerator_hours - unknown_hours), 0), 1)
        as used_percent_of_known,
    round(sum(unknown_cost), 2) as unknown_effective_cost
from gpu.accelerator_hours
group by all
order by provider, billing_currency;
