-- By how much does what was invoiced differ from what was used, month by month?
-- Expect: One row per provider, issuer, month and currency; upfront fees make the difference.
with params as (

    select
        timestamp '2026-05-01' as first_month,
        timestamp '2026-07-01' as last_month

)

select
    charges.ServiceProviderName,
    charges.InvoiceIssuerName,
    charges.BillingPeriodStart,
    charges.BillingPeriodEnd,
    charges.BillingCurrency,
    sum(charges.BilledCost) as CashCost,
    sum(charges.EffectiveCost) as AccruedCost,
    sum(charges.BilledCost - charges.EffectiveCost) as Difference
from focus_export.cost_and_usage as charges
cross join params
where
    charges.BillingPeriodStart >= params.first_month
    and charges.BillingPeriodStart <= params.last_month
group by all
order by all
