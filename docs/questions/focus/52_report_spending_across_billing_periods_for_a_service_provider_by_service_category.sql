-- What was billed by one provider for each category, over the months?
-- Expect: One row per account, month, category and service of the provider.
with params as (

    select
        timestamp '2026-05-01' as first_day,
        timestamp '2026-08-01' as next_day,
        'AWS' as provider

)

select
    charges.ServiceProviderName,
    charges.BillingAccountId,
    charges.BillingAccountName,
    charges.BillingPeriodStart,
    charges.ServiceCategory,
    charges.ServiceName,
    charges.BillingCurrency,
    sum(charges.BilledCost) as TotalBilledCost
from focus_export.cost_and_usage as charges
cross join params
where
    charges.ChargePeriodStart >= params.first_day
    and charges.ChargePeriodStart < params.next_day
    and charges.ServiceProviderName = params.provider
group by all
order by all
