-- What does a million tokens of each model cost, whoever sells it, and what did caches save?
select
    model,
    model_class,
    billing_currency,
    string_agg(distinct provider, ', ' order by provider) as providers,
    round(sum(tokens) / 1e6, 1) as million_tokens,
    cast(sum(effective_cost) as decimal(18, 2)) as cost,
    round(sum(effective_cost) filter (token_class = 'input')
        / (sum(tokens) filter (token_class = 'input') / 1e6), 3) as input_per_million,
    round(sum(effective_cost) filter (token_class = 'output')
        / (sum(tokens) filter (token_class = 'output') / 1e6), 3) as output_per_million,
    round(sum(effective_cost) / (sum(tokens) / 1e6), 3) as all_per_million,
    cast(sum(cache_saving) as decimal(18, 2)) as cache_saving
from inference.token_costs_daily
where tokens > 0 and token_class <> 'training'
group by model, model_class, billing_currency
order by cost desc, model
