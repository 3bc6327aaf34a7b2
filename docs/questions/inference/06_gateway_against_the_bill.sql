-- Where does the gateway think differently of costs than the bill, and why?
select
    provider,
    main_cause,
    billing_currency,
    count(*) as days_of_models,
    cast(sum(gateway_cost) as decimal(18, 2)) as gateway_says,
    cast(sum(billed_cost) as decimal(18, 2)) as billed,
    cast(sum(difference) as decimal(18, 2)) as difference,
    cast(sum(missing_requests) as decimal(18, 2)) as missing_requests,
    cast(sum(cache_at_full_rate) as decimal(18, 2)) as cache_at_full_rate,
    cast(sum(stale_price) as decimal(18, 2)) as stale_price,
    cast(sum(currency_conversion) as decimal(18, 2)) as currency_conversion,
    cast(sum(unexplained) as decimal(18, 2)) as unexplained
from inference.gateway_variance_daily
group by all
order by abs(sum(difference)) desc, provider, main_cause
