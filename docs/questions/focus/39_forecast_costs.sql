-- How much of each service was used at which rate, as a basis for forecasts?
-- Expect: One row per month, service, region and unit with quantity, cost and average rate.
with params as (

    select
        timestamp '2026-05-01' as first_month,
        timestamp '2026-07-01' as last_month

)

select
    charges.BillingPeriodStart,
    charges.ServiceProviderName,
    charges.ServiceCategory,
    charges.ServiceName,
    charges.RegionId,
    charges.RegionName,
    charges.PricingUnit,
    charges.BillingCurrency,
    sum(charges.PricingQuantity) as TotalPricingQuantity,
    sum(charges.EffectiveCost) as TotalEffectiveCost,
    sum(charges.EffectiveCost) / nullif(sum(charges.PricingQuantity), 0) as EffectiveRate
from focus_export.cost_and_usage as charges
cross join params
where
    charges.BillingPeriodStart >= params.first_month
    and charges.BillingPeriodStart <= params.last_month
    and charges.PricingQuantity is not null
group by all
order by all
