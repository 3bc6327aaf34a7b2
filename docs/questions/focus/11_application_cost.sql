-- What did one application cost in each month, service by service?
-- Expect: One row per month and service of the application.
with params as (

    select
        timestamp '2026-05-01' as first_day,
        timestamp '2026-08-01' as next_day,
        'project' as application_key,
        'assistant-prod' as application

)

select
    date_trunc('month', charges.BillingPeriodStart) as Month,
    charges.ServiceName,
    charges.BillingCurrency,
    sum(charges.EffectiveCost) as TotalEffectiveCost
from focus_export.cost_and_usage as charges
cross join params
where
    charges.Tags ->> params.application_key = params.application
    and charges.ChargePeriodStart >= params.first_day
    and charges.ChargePeriodStart < params.next_day
group by all
order by Month, TotalEffectiveCost desc
