-- Where could a commitment still be taken out, at every cloud and vendor?
-- Expect: One row per provider, programme and currency: cost that is eligible and not covered.
with params as (

    select
        timestamp '2026-05-01' as first_day,
        timestamp '2026-08-01' as next_day

),

programs as (

    select
        charges.ServiceProviderName,
        charges.BillingCurrency,
        charges.BilledCost,
        charges.EffectiveCost,
        charges.CommitmentDiscountId,
        unnest(
            json_extract_string(
                charges.CommitmentProgramEligibilityDetails, '$.CommitmentPrograms[*].ProgramType'
            )
        ) as ProgramType
    from focus_export.cost_and_usage as charges
    cross join params
    where
        charges.ChargeCategory = 'Usage'
        and charges.ChargePeriodStart >= params.first_day
        and charges.ChargePeriodStart < params.next_day

)

select
    ServiceProviderName,
    ProgramType,
    BillingCurrency,
    sum(EffectiveCost) as EligibleCost,
    coalesce(sum(EffectiveCost) filter (where CommitmentDiscountId is null), 0) as UncoveredCost,
    coalesce(sum(BilledCost) filter (where CommitmentDiscountId is null), 0) as UncoveredBilledCost
from programs
group by all
order by UncoveredCost desc
