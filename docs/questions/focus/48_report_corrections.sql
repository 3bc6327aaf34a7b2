-- What was corrected of months that were already invoiced?
-- Expect: One row per service and charge category with corrections in the period.
with params as (

    select
        timestamp '2026-05-01' as first_month,
        timestamp '2026-07-01' as last_month

)

select
    charges.ServiceProviderName,
    charges.BillingAccountId,
    charges.BillingPeriodStart,
    charges.ChargeCategory,
    charges.ServiceCategory,
    charges.ServiceName,
    charges.BillingCurrency,
    sum(charges.BilledCost) as CorrectedCost
from focus_export.cost_and_usage as charges
cross join params
where
    charges.BillingPeriodStart >= params.first_month
    and charges.BillingPeriodStart <= params.last_month
    and charges.ChargeClass = 'Correction'
group by all
order by all
