-- What does each service cost in each region, day by day?
-- Expect: One row per day, provider, region and service; global services have no region.
with params as (

    select
        timestamp '2026-06-01' as first_day,
        timestamp '2026-07-01' as next_day

)

select
    cast(charges.ChargePeriodStart as date) as Day,
    charges.ServiceProviderName,
    charges.RegionId,
    charges.ServiceName,
    charges.BillingCurrency,
    sum(charges.EffectiveCost) as TotalEffectiveCost
from focus_export.cost_and_usage as charges
cross join params
where
    charges.ChargePeriodStart >= params.first_day
    and charges.ChargePeriodStart < params.next_day
group by all
order by Day, TotalEffectiveCost desc
