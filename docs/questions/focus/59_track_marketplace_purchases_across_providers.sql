-- What was bought on marketplaces, from whom and through whom?
-- Expect: One row per seller, product and issuer that is another company than the seller.
with params as (

    select
        timestamp '2026-05-01' as first_day,
        timestamp '2026-08-01' as next_day,
        'Amazon Web Services%' as cloud_issuers,
        'AWS' as cloud

)

select
    charges.ServiceProviderName,
    charges.HostProviderName,
    charges.InvoiceIssuerName,
    charges.ServiceName,
    charges.ResourceId,
    charges.BillingCurrency,
    sum(charges.BilledCost) as TotalBilledCost
from focus_export.cost_and_usage as charges
cross join params
where
    charges.ChargePeriodStart >= params.first_day
    and charges.ChargePeriodStart < params.next_day
    and charges.ChargeCategory in ('Usage', 'Purchase')
    and charges.ServiceProviderName <> params.cloud
    and charges.InvoiceIssuerName like params.cloud_issuers
group by all
order by TotalBilledCost desc
