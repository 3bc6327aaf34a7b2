-- What does each service of a provider cost in each sub account, day by day?
-- Expect: One row per day, sub account and service of the provider.
with params as (

    select
        timestamp '2026-05-01' as first_month,
        timestamp '2026-07-01' as last_month,
        'AWS' as provider

)

select
    charges.ServiceProviderName,
    charges.SubAccountId,
    charges.ServiceName,
    cast(charges.ChargePeriodStart as date) as Day,
    charges.BillingCurrency,
    sum(charges.EffectiveCost) as TotalEffectiveCost
from focus_export.cost_and_usage as charges
cross join params
where
    charges.BillingPeriodStart >= params.first_month
    and charges.BillingPeriodStart <= params.last_month
    and charges.ServiceProviderName = params.provider
group by all
order by all
