-- What did each commitment cost, used and unused?
-- Expect: One row per commitment with the share of its cost that was wasted.
with params as (

    select
        timestamp '2026-05-01' as first_day,
        timestamp '2026-08-01' as next_day

)

select
    charges.ServiceProviderName,
    charges.CommitmentDiscountId,
    charges.BillingCurrency,
    coalesce(
        sum(charges.EffectiveCost) filter (where charges.CommitmentDiscountStatus = 'Used'), 0
    ) as UsedCost,
    coalesce(
        sum(charges.EffectiveCost) filter (where charges.CommitmentDiscountStatus = 'Unused'), 0
    ) as UnusedCost,
    coalesce(
        sum(charges.EffectiveCost) filter (where charges.CommitmentDiscountStatus = 'Unused'), 0
    ) / nullif(sum(charges.EffectiveCost), 0) as UnusedShare
from focus_export.cost_and_usage as charges
cross join params
where
    charges.ChargeCategory = 'Usage'
    and charges.CommitmentDiscountId is not null
    and charges.ChargePeriodStart >= params.first_day
    and charges.ChargePeriodStart < params.next_day
group by all
order by UnusedCost desc
