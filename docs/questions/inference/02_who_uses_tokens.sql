-- Who spends most on models, through which principal, key or deployment?
select
    provider,
    billing_currency,
    coalesce(team, owner_class) as team,
    project,
    model,
    coalesce(
        principal_id, credential_id, regexp_extract(resource_id, '[^/]*$'), sub_account_id
    ) as who,
    round(sum(tokens) / 1e6, 1) as million_tokens,
    cast(sum(effective_cost) as decimal(18, 2)) as cost
from inference.token_costs_daily
where model is not null
group by all
order by cost desc, provider, model, who
limit 15
