-- What does a core of a machine cost per hour on average, by region?
-- Expect: One row per provider, service, region and currency whose prices tell their cores.
with params as (

    select
        timestamp '2026-05-01' as first_day,
        timestamp '2026-08-01' as next_day,
        'CoreCount' as component

),

hours as (

    select
        charges.ServiceProviderName,
        charges.ServiceName,
        charges.RegionName,
        charges.BillingCurrency,
        charges.EffectiveCost,
        charges.PricingQuantity
        * cast(charges.SkuPriceDetails ->> params.component as double) as ComponentHours
    from focus_export.cost_and_usage as charges
    cross join params
    where
        charges.PricingUnit = 'Hours'
        and charges.SkuPriceDetails ->> params.component is not null
        and charges.ChargePeriodStart >= params.first_day
        and charges.ChargePeriodStart < params.next_day

)

select
    ServiceProviderName,
    ServiceName,
    RegionName,
    BillingCurrency,
    sum(ComponentHours) as TotalComponentHours,
    sum(EffectiveCost) as TotalEffectiveCost,
    sum(EffectiveCost) / nullif(sum(ComponentHours), 0) as AverageHourlyRate
from hours
group by all
order by all
