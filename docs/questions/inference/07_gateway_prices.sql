-- Which prices of the gateway are not those of the bill?
select
    charge_date,
    provider,
    model,
    service_tier,
    token_class,
    billing_currency,
    billed_price_per_million,
    gateway_price_per_million,
    cast(cache_at_full_rate + stale_price as decimal(18, 2)) as difference
from inference.gateway_variance_classes
where abs(cache_at_full_rate + stale_price) > 0.005
order by all
