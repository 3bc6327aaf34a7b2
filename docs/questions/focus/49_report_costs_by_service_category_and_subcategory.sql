-- What is billed for each service category and subcategory?
-- Expect: One row per provider, month, category and subcategory.
with params as (

    select
        timestamp '2026-05-01' as first_month,
        timestamp '2026-07-01' as last_month

)

select
    charges.ServiceProviderName,
    charges.BillingPeriodStart,
    charges.ServiceCategory,
    charges.ServiceSubcategory,
    charges.BillingCurrency,
    sum(charges.BilledCost) as TotalBilledCost
from focus_export.cost_and_usage as charges
cross join params
where
    charges.BillingPeriodStart >= params.first_month
    and charges.BillingPeriodStart <= params.last_month
group by all
order by charges.BillingPeriodStart, TotalBilledCost desc
