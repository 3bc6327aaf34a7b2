-- What does compute cost in each sub account, by the kind of commitment that covers it?
-- Expect: One row per month, sub account, service and commitment type; no type: at the on-demand
-- price.
with params as (

    select
        timestamp '2026-05-01' as first_month,
        timestamp '2026-07-01' as last_month

)

select
    charges.BillingPeriodStart,
    charges.ServiceProviderName,
    charges.SubAccountId,
    charges.SubAccountName,
    charges.ServiceName,
    charges.CommitmentDiscountType,
    charges.BillingCurrency,
    sum(charges.EffectiveCost) as TotalEffectiveCost
from focus_export.cost_and_usage as charges
cross join params
where
    charges.BillingPeriodStart >= params.first_month
    and charges.BillingPeriodStart <= params.last_month
    and charges.ServiceCategory = 'Compute'
group by all
order by charges.BillingPeriodStart, TotalEffectiveCost desc
