-- Which resources are shared, and among how many?
-- Expect: One row per shared machine and method, with the number of those who share it.
with params as (

    select
        timestamp '2026-05-01' as first_day,
        timestamp '2026-08-01' as next_day

)

select
    charges.ResourceId,
    charges.ResourceName,
    charges.AllocatedMethodId,
    charges.BillingCurrency,
    count(distinct charges.AllocatedResourceId) as Sharers,
    sum(charges.EffectiveCost) as TotalEffectiveCost
from focus_export.cost_and_usage as charges
cross join params
where
    charges.ChargePeriodStart >= params.first_day
    and charges.ChargePeriodStart < params.next_day
    and charges.ChargeCategory = 'Usage'
    and charges.AllocatedMethodId is not null
group by all
order by TotalEffectiveCost desc
