-- What do we pay for that nobody uses, whose is it, and since when?
select
    billing_period,
    capacity_kind,
    provider,
    accelerator_model,
    owner_account_id,
    owner_team,
    billing_currency,
    cast(unused_cost as decimal(18, 2)) as unused_cost,
    round(unused_ratio, 3) as unused_ratio,
    unused_since
from rates.unused_capacity
order by
    coalesce(accelerator_unused_cost, 0) desc, unused_cost desc, billing_period, capacity_id
limit 15
