-- What do products of other companies cost that a cloud invoices?
-- Expect: One row per seller, host and issuer that is not the seller itself.
with params as (

    select
        timestamp '2026-05-01' as first_day,
        timestamp '2026-08-01' as next_day,
        'AWS' as cloud,
        'Amazon Web Services%' as cloud_issuers

)

select
    charges.ServiceProviderName,
    charges.HostProviderName,
    charges.InvoiceIssuerName,
    charges.BillingCurrency,
    sum(charges.EffectiveCost) as TotalEffectiveCost
from focus_export.cost_and_usage as charges
cross join params
where
    charges.ChargePeriodStart >= params.first_day
    and charges.ChargePeriodStart < params.next_day
    and charges.ServiceProviderName <> params.cloud
    and charges.InvoiceIssuerName like params.cloud_issuers
group by all
order by TotalEffectiveCost desc
