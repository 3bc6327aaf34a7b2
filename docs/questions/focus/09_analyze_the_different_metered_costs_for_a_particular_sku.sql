-- How many prices does one SKU have, and what was paid at each?
-- Expect: One row per price of the SKU: on demand, reserved, the steps of a tiered price.
with params as (

    select
        timestamp '2026-05-01' as first_day,
        timestamp '2026-08-01' as next_day,
        'BoxUsage:p4d.24xlarge' as sku_meter

)

select
    charges.ServiceProviderName,
    charges.SkuId,
    charges.SkuPriceId,
    charges.PricingUnit,
    charges.ListUnitPrice,
    charges.BillingCurrency,
    sum(charges.PricingQuantity) as TotalPricingQuantity,
    sum(charges.ListCost) as TotalListCost,
    sum(charges.EffectiveCost) as TotalEffectiveCost
from focus_export.cost_and_usage as charges
cross join params
where
    charges.SkuMeter = params.sku_meter
    and charges.ChargePeriodStart >= params.first_day
    and charges.ChargePeriodStart < params.next_day
group by all
order by all
