-- What was spent on work of no use, by class, and whose is it?
select
    waste_class,
    coalesce(team, 'unknown') as team,
    billing_currency,
    count(*) as runs,
    round(sum(wasted_seconds) / 3600, 1) as wasted_hours,
    cast(sum(wasted_effective_cost) as decimal(18, 2)) as wasted_effective_cost
from training.waste
group by waste_class, team, billing_currency
order by sum(wasted_effective_cost) desc nulls last, waste_class, team
