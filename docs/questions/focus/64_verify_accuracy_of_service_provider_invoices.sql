-- What does each billing account owe each provider for each month?
-- Expect: One row per account, provider, month and currency, to be compared with the invoices.
with params as (

    select
        timestamp '2026-05-01' as first_month,
        timestamp '2026-07-01' as last_month

)

select
    charges.ServiceProviderName,
    charges.BillingAccountId,
    charges.BillingAccountName,
    charges.BillingPeriodStart,
    charges.BillingPeriodEnd,
    charges.BillingCurrency,
    sum(charges.BilledCost) as TotalBilledCost
from focus_export.cost_and_usage as charges
cross join params
where
    charges.BillingPeriodStart >= params.first_month
    and charges.BillingPeriodStart <= params.last_month
group by all
order by all
