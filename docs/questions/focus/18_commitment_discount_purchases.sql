-- Which commitments were bought or paid for, how much of what, and at what price?
-- Expect: One row per commitment and way of payment.
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
    charges.ChargeFrequency,
    charges.CommitmentDiscountUnit,
    charges.BillingCurrency,
    min(charges.ChargePeriodStart) as FirstCharge,
    sum(charges.CommitmentDiscountQuantity) as TotalQuantity,
    sum(charges.BilledCost) as TotalBilledCost
from focus_export.cost_and_usage as charges
cross join params
where
    charges.ChargeCategory = 'Purchase'
    and charges.CommitmentDiscountId is not null
    and charges.ChargePeriodStart >= params.first_day
    and charges.ChargePeriodStart < params.next_day
group by all
order by all
