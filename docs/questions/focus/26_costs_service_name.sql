-- What does each service cost in each sub account?
-- Expect: One row per month, sub account and service, billed and effective.
with params as (

    select
        timestamp '2026-05-01' as first_month,
        timestamp '2026-07-01' as last_month,
        'AWS' as provider

)

select
    charges.BillingPeriodStart,
    charges.ServiceProviderName,
    charges.SubAccountId,
    charges.SubAccountName,
    charges.ServiceName,
    charges.BillingCurrency,
    sum(charges.BilledCost) as TotalBilledCost,
    sum(charges.EffectiveCost) as TotalEffectiveCost
from focus_export.cost_and_usage as charges
cross join params
where
    charges.BillingPeriodStart >= params.first_month
    and charges.BillingPeriodStart <= params.last_month
    and charges.ServiceProviderName = params.provider
group by all
order by charges.BillingPeriodStart, TotalEffectiveCost desc
