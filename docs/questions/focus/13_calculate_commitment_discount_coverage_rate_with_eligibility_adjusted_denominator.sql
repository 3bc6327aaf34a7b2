-- Of the cost that a commitment could have covered, which share was covered?
-- Expect: One row per provider and currency; cost that no programme is open to is left out.
with params as (

    select
        timestamp '2026-05-01' as first_day,
        timestamp '2026-08-01' as next_day

),

eligible as (

    select
        charges.ServiceProviderName,
        charges.BillingCurrency,
        charges.EffectiveCost,
        charges.CommitmentDiscountId is not null as IsCovered
    from focus_export.cost_and_usage as charges
    cross join params
    where
        charges.ChargeCategory = 'Usage'
        and json_array_length(
            charges.CommitmentProgramEligibilityDetails -> 'CommitmentPrograms'
        ) > 0
        and charges.ChargePeriodStart >= params.first_day
        and charges.ChargePeriodStart < params.next_day

)

select
    ServiceProviderName,
    BillingCurrency,
    sum(EffectiveCost) as EligibleCost,
    coalesce(sum(EffectiveCost) filter (where IsCovered), 0) as CoveredCost,
    coalesce(sum(EffectiveCost) filter (where IsCovered), 0)
    / nullif(sum(EffectiveCost), 0) as CoverageRate
from eligible
group by all
order by all
