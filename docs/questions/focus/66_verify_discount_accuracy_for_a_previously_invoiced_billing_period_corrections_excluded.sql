-- Were the agreed discounts given in a month that is already invoiced?
-- Expect: One row per account and service of that month, corrections aside.
with params as (

    select
        timestamp '2026-06-01' as first_month,
        timestamp '2026-06-01' as last_month

)

select
    charges.ServiceProviderName,
    charges.BillingAccountId,
    charges.BillingAccountName,
    charges.BillingPeriodStart,
    charges.ServiceName,
    charges.BillingCurrency,
    sum(charges.ListCost) as TotalListCost,
    sum(charges.EffectiveCost) as TotalEffectiveCost,
    sum(charges.BilledCost) as TotalBilledCost,
    1 - sum(charges.EffectiveCost) / nullif(sum(charges.ListCost), 0) as DiscountRate
from focus_export.cost_and_usage as charges
cross join params
where
    charges.BillingPeriodStart >= params.first_month
    and charges.BillingPeriodStart <= params.last_month
    and charges.ChargeClass is null
group by all
order by TotalListCost desc
