-- Which capacity reservations were paid for and left idle?
-- Expect: One row per reservation with idle hours, and whether a commitment paid for them.
with params as (

    select
        timestamp '2026-05-01' as first_day,
        timestamp '2026-08-01' as next_day

)

select
    charges.ServiceProviderName,
    charges.BillingAccountId,
    charges.CapacityReservationId,
    charges.CommitmentDiscountStatus,
    charges.BillingCurrency,
    sum(charges.BilledCost) as TotalBilledCost,
    sum(charges.EffectiveCost) as TotalEffectiveCost
from focus_export.cost_and_usage as charges
cross join params
where
    charges.ChargePeriodStart >= params.first_day
    and charges.ChargePeriodStart < params.next_day
    and charges.CapacityReservationStatus = 'Unused'
group by all
order by TotalEffectiveCost desc
