-- Which sub accounts were charged or paid back for a month that was already invoiced?
-- Expect: One row per sub account and service category with corrections in the period.
with params as (

    select
        timestamp '2026-05-01' as first_month,
        timestamp '2026-07-01' as last_month

)

select
    charges.ServiceProviderName,
    charges.BillingAccountId,
    charges.BillingPeriodStart,
    charges.SubAccountId,
    charges.SubAccountName,
    charges.ServiceCategory,
    charges.BillingCurrency,
    sum(charges.BilledCost) as CorrectedCost
from focus_export.cost_and_usage as charges
cross join params
where
    charges.ChargeClass = 'Correction'
    and charges.BillingPeriodStart >= params.first_month
    and charges.BillingPeriodStart <= params.last_month
group by all
order by all
