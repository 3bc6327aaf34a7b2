-- Which compute cost could have run inside a capacity reservation and did not?
-- Expect: One row per provider, service and currency.
with params as (

    select
        timestamp '2026-05-01' as first_day,
        timestamp '2026-08-01' as next_day,
        '%Capacity%' as program

)

select
    charges.ServiceProviderName,
    charges.ServiceName,
    charges.BillingCurrency,
    sum(charges.BilledCost) as TotalBilledCost
from focus_export.cost_and_usage as charges
cross join params
where
    charges.ChargePeriodStart >= params.first_day
    and charges.ChargePeriodStart < params.next_day
    and charges.ChargeCategory = 'Usage'
    and charges.CapacityReservationStatus is null
    and cast(charges.CommitmentProgramEligibilityDetails as varchar) ilike params.program
group by all
order by TotalBilledCost desc
