-- How many hours of cores were used, service by service and region by region?
-- Expect: One row per provider, service and region; a machine-hour counts once per core.
with params as (

    select
        timestamp '2026-05-01' as first_day,
        timestamp '2026-08-01' as next_day,
        'CoreCount' as component

)

select
    charges.ServiceProviderName,
    charges.ServiceName,
    charges.RegionName,
    charges.PricingUnit,
    sum(
        charges.PricingQuantity * cast(charges.SkuPriceDetails ->> params.component as double)
    ) as ComponentHours
from focus_export.cost_and_usage as charges
cross join params
where
    charges.ChargePeriodStart >= params.first_day
    and charges.ChargePeriodStart < params.next_day
    and charges.PricingUnit = 'Hours'
    and charges.SkuPriceDetails ->> params.component is not null
group by all
order by ComponentHours desc
