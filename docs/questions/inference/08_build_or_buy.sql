-- Is the own endpoint cheaper than an API model of its class, and at which load would it be?
select
    billing_period,
    regexp_extract(resource_key, '[^/:]*$') as endpoint,
    model,
    model_class,
    api_provider,
    api_model,
    billing_currency,
    round(cost_per_million, 2) as cost_per_million,
    round(api_cost_per_million, 3) as api_cost_per_million,
    round(tokens_per_hour / 1e6, 3) as million_tokens_per_hour,
    round(break_even_tokens_per_hour / 1e6, 1) as break_even_million_per_hour,
    cheaper
from inference.build_or_buy
where billing_period = (select max(billing_period) from inference.build_or_buy)
order by endpoint, model, api_cost_per_million desc, api_provider, api_model
