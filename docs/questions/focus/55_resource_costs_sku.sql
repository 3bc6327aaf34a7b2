-- What do the prices of one SKU add up to, against its list price?
-- Expect: One row per price and unit of the SKU.
with params as (

    select
        timestamp '2026-05-01' as first_day,
        timestamp '2026-08-01' as next_day,
        'BoxUsage:g5.2xlarge' as sku_meter

)

select
    charges.ServiceProviderName,
    charges.SkuId,
    charges.SkuPriceId,
    charges.ListUnitPrice,
    charges.PricingUnit,
    charges.BillingCurrency,
    sum(charges.PricingQuantity) as TotalPricingQuantity,
    sum(charges.ListCost) as TotalListCost,
    sum(charges.EffectiveCost) as TotalEffectiveCost
from focus_export.cost_and_usage as charges
cross join params
where
    charges.ChargePeriodStart >= params.first_day
    and charges.ChargePeriodStart < params.next_day
    and charges.SkuMeter = params.sku_meter
group by all
order by all
