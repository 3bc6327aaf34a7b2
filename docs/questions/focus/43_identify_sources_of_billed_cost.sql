-- Which invoice of which company carries the cost of which provider?
-- Expect: One row per issuer, invoice, provider and host; no invoice: not issued yet.
with params as (

    select
        timestamp '2026-05-01' as first_day,
        timestamp '2026-08-01' as next_day

)

select
    charges.InvoiceIssuerName,
    charges.InvoiceId,
    charges.ServiceProviderName,
    charges.HostProviderName,
    charges.BillingCurrency,
    sum(charges.BilledCost) as TotalBilledCost
from focus_export.cost_and_usage as charges
cross join params
where
    charges.ChargePeriodStart >= params.first_day
    and charges.ChargePeriodStart < params.next_day
group by all
order by all
