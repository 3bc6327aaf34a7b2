-- Who sells, who hosts and who invoices what we pay for, and for how much?
-- Expect: One row per month, service and set of three companies; NULL host: nobody knows where it
-- runs.
with params as (

    select
        timestamp '2026-05-01' as first_month,
        timestamp '2026-07-01' as last_month

)

select
    charges.BillingPeriodStart,
    charges.ServiceProviderName,
    charges.HostProviderName,
    charges.InvoiceIssuerName,
    charges.ServiceName,
    charges.BillingCurrency,
    sum(charges.BilledCost) as TotalBilledCost
from focus_export.cost_and_usage as charges
cross join params
where
    charges.BillingPeriodStart >= params.first_month
    and charges.BillingPeriodStart <= params.last_month
group by all
order by charges.BillingPeriodStart, TotalBilledCost desc
