-- Which endpoints are idle, spiking or larger than they need to be, and what does that cost?
select
    serving_kind,
    provider,
    regexp_extract(resource_key, '[^/:]*$') as endpoint,
    team,
    model,
    billing_currency,
    count(*) as hours,
    cast(sum(effective_cost) as decimal(18, 2)) as cost,
    sum(requests)::bigint as requests,
    round(sum(effective_cost * utilisation_ratio) / sum(effective_cost), 3) as utilisation,
    string_agg(distinct utilisation_basis, ', ' order by utilisation_basis) as told_by,
    count(*) filter (is_request_spike) as spikes,
    cast(sum(warm_idle_cost) as decimal(18, 2)) as warm_idle_cost,
    cast(sum(superfluous_cost) as decimal(18, 2)) as superfluous_cost
from inference.endpoints_hourly
group by all
order by cost desc, provider, endpoint, team
