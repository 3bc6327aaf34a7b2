-- What do the parts of a resource cost (hours, disks, traffic)?
-- Expect: One row per resource and SKU of the kind of resource that is asked for.
with params as (

    select
        timestamp '2026-05-01' as first_day,
        timestamp '2026-08-01' as next_day,
        'instance' as resource_type

)

select
    charges.ResourceId,
    charges.ResourceName,
    charges.ResourceType,
    charges.SkuId,
    charges.ChargeDescription,
    charges.BillingCurrency,
    sum(charges.EffectiveCost) as TotalEffectiveCost
from focus_export.cost_and_usage as charges
cross join params
where
    charges.ChargePeriodStart >= params.first_day
    and charges.ChargePeriodStart < params.next_day
    and charges.ResourceType = params.resource_type
group by all
order by charges.ResourceId, TotalEffectiveCost desc
