-- Which cost could a commitment programme still cover, by programme?
-- Expect: One row per provider, service, programme and currency.
with params as (

    select
        timestamp '2026-05-01' as first_day,
        timestamp '2026-08-01' as next_day

)

select
    charges.ServiceProviderName,
    charges.ServiceName,
    programs.ProgramType,
    charges.BillingCurrency,
    sum(charges.BilledCost) as UncoveredBilledCost
from focus_export.cost_and_usage as charges
cross join params
cross join
    unnest(
        json_extract_string(
            charges.CommitmentProgramEligibilityDetails, '$.CommitmentPrograms[*].ProgramType'
        )
    ) as programs (ProgramType)
where
    charges.ChargeCategory = 'Usage'
    and charges.CommitmentDiscountId is null
    and charges.ChargePeriodStart >= params.first_day
    and charges.ChargePeriodStart < params.next_day
group by all
order by UncoveredBilledCost desc
