-- What do model services charge for besides tokens, and which models does nobody know?
select
    provider,
    billing_currency,
    token_class,
    service_tier,
    case when is_known_model then null else model end as unknown_model,
    consumed_unit,
    round(sum(consumed_quantity), 1) as quantity,
    cast(sum(effective_cost) as decimal(18, 2)) as cost
from inference.token_costs_daily
where tokens is null or not is_known_model
group by all
order by cost desc, provider, token_class
