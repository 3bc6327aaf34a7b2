-- How much of what compute costs runs inside capacity reservations, and how much of those is idle?
-- Expect: Per provider, account and currency: a row for Used, one for Unused, one without
-- reservation.
with params as (

    select
        timestamp '2026-05-01' as first_day,
        timestamp '2026-08-01' as next_day

)

select
    charges.ServiceProviderName,
    charges.BillingAccountId,
    charges.BillingCurrency,
    coalesce(charges.CapacityReservationStatus, 'No reservation') as Capacity,
    count(distinct charges.CapacityReservationId) as Reservations,
    sum(charges.BilledCost) as TotalBilledCost,
    sum(charges.EffectiveCost) as TotalEffectiveCost
from focus_export.cost_and_usage as charges
cross join params
where
    charges.ServiceCategory = 'Compute'
    and charges.ChargePeriodStart >= params.first_day
    and charges.ChargePeriodStart < params.next_day
group by all
order by all
