-- Which commitments were left idle, and what did that cost?
-- Expect: One row per commitment with an idle part.
with params as (

    select
        timestamp '2026-05-01' as first_day,
        timestamp '2026-08-01' as next_day

)

select
    charges.ServiceProviderName,
    charges.BillingAccountId,
    charges.CommitmentDiscountId,
    charges.CommitmentDiscountType,
    charges.BillingCurrency,
    sum(charges.BilledCost) as TotalBilledCost,
    sum(charges.EffectiveCost) as TotalEffectiveCost
from focus_export.cost_and_usage as charges
cross join params
where
    charges.ChargePeriodStart >= params.first_day
    and charges.ChargePeriodStart < params.next_day
    and charges.CommitmentDiscountStatus = 'Unused'
group by all
order by TotalEffectiveCost desc
