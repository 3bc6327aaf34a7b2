-- What does each service cost in each region, and how much was used?
-- Expect: One row per service, region, unit and currency.
with params as (

    select
        timestamp '2026-05-01' as first_month,
        timestamp '2026-07-01' as last_month

)

select
    charges.ServiceProviderName,
    charges.ServiceCategory,
    charges.ServiceName,
    charges.RegionId,
    charges.RegionName,
    charges.PricingUnit,
    charges.BillingCurrency,
    sum(charges.PricingQuantity) as TotalPricingQuantity,
    sum(charges.EffectiveCost) as TotalEffectiveCost
from focus_export.cost_and_usage as charges
cross join params
where
    charges.BillingPeriodStart >= params.first_month
    and charges.BillingPeriodStart <= params.last_month
group by all
order by TotalEffectiveCost desc
