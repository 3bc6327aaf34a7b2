-- Which models are served in several places, and which of the copies does nobody ask?
select
    billing_period,
    model,
    provider,
    region_id,
    serving_kind,
    count(*) as endpoints,
    sum(requests)::bigint as requests,
    sum(effective_cost)::decimal(18, 2) as cost,
    sum(warm_idle_cost)::decimal(18, 2) as cost_of_hours_without_requests,
    billing_currency
from inference.model_copies
group by all
order by billing_period, model, provider, region_id, serving_kind
