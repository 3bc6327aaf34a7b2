-- What was billed for each application, to set its next budget?
-- Expect: One row per month, provider and application; NULL: no application is named.
with params as (

    select
        timestamp '2026-05-01' as first_month,
        timestamp '2026-07-01' as last_month,
        'project' as application_key

)

select
    charges.BillingPeriodStart,
    charges.ServiceProviderName,
    charges.Tags ->> params.application_key as Application,
    charges.BillingCurrency,
    sum(charges.BilledCost) as TotalBilledCost
from focus_export.cost_and_usage as charges
cross join params
where
    charges.BillingPeriodStart >= params.first_month
    and charges.BillingPeriodStart <= params.last_month
group by all
order by charges.BillingPeriodStart, TotalBilledCost desc
