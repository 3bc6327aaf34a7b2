-- What do a thousand requests and a million tokens cost, and of how much are requests known?
select
    serving_kind,
    provider,
    model,
    request_class,
    billing_currency,
    cast(sum(effective_cost) as decimal(18, 2)) as cost,
    round(sum(effective_cost) filter (requests is not null) / sum(effective_cost), 3)
        as cost_with_known_requests,
    sum(requests)::bigint as requests,
    round(1000 * sum(effective_cost) filter (requests > 0) / sum(requests), 3)
        as cost_per_1000_requests,
    round(1e6 * sum(effective_cost) filter (tokens > 0) / sum(tokens), 3) as cost_per_million,
    round(1e6 * sum(used_cost) filter (tokens > 0) / sum(tokens), 3) as used_cost_per_million
from inference.unit_costs_daily
where (model is not null and request_class is not null) or serving_kind <> 'api'
group by all
order by cost desc, serving_kind, provider, model, request_class
