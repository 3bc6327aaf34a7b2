-- What do services cost in the currency that they are priced in?
-- Expect: One row per provider, host, service and pricing currency.
with params as (

    select
        timestamp '2026-05-01' as first_day,
        timestamp '2026-08-01' as next_day

)

select
    charges.ServiceProviderName,
    charges.HostProviderName,
    charges.ServiceName,
    charges.PricingCurrency,
    sum(charges.PricingCurrencyEffectiveCost) as TotalEffectiveCost
from focus_export.cost_and_usage as charges
cross join params
where
    charges.ChargePeriodStart >= params.first_day
    and charges.ChargePeriodStart < params.next_day
    and charges.PricingCurrencyEffectiveCost is not null
group by all
order by charges.PricingCurrency, TotalEffectiveCost desc
