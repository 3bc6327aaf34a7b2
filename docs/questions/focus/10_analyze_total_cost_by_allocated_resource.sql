-- What does each pod or other sharer of a machine cost?
-- Expect: One row per sharer and machine; the shares come from the provider's split cost
-- allocation.
with params as (

    select
        timestamp '2026-05-01' as first_day,
        timestamp '2026-08-01' as next_day

)

select
    charges.AllocatedMethodId,
    charges.AllocatedResourceId,
    charges.AllocatedResourceName,
    charges.ResourceId,
    charges.BillingCurrency,
    count(*) as Charges,
    sum(charges.EffectiveCost) as TotalEffectiveCost
from focus_export.cost_and_usage as charges
cross join params
where
    charges.ChargeCategory = 'Usage'
    and charges.AllocatedResourceId is not null
    and charges.ChargePeriodStart >= params.first_day
    and charges.ChargePeriodStart < params.next_day
group by all
order by TotalEffectiveCost desc
