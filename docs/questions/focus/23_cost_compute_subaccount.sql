-- What do the compute services of one sub account cost, resource by resource?
-- Expect: One row per service and resource of the sub account.
with params as (

    select
        timestamp '2026-05-01' as first_day,
        timestamp '2026-08-01' as next_day,
        '111122223333' as sub_account

)

select
    charges.SubAccountId,
    charges.ServiceName,
    charges.ResourceId,
    charges.ResourceName,
    charges.BillingCurrency,
    sum(charges.PricingQuantity) as TotalPricingQuantity,
    sum(charges.EffectiveCost) as TotalEffectiveCost
from focus_export.cost_and_usage as charges
cross join params
where
    charges.ChargePeriodStart >= params.first_day
    and charges.ChargePeriodStart < params.next_day
    and charges.ServiceCategory = 'Compute'
    and charges.SubAccountId = params.sub_account
group by all
order by TotalEffectiveCost desc, charges.ResourceId
