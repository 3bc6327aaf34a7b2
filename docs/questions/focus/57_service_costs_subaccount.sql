-- What does one service cost in each sub account?
-- Expect: One row per sub account that uses the service.
with params as (

    select
        timestamp '2026-05-01' as first_day,
        timestamp '2026-08-01' as next_day,
        'Amazon Elastic Compute Cloud' as service

)

select
    charges.ServiceName,
    charges.SubAccountId,
    charges.SubAccountName,
    charges.BillingCurrency,
    sum(charges.EffectiveCost) as TotalEffectiveCost
from focus_export.cost_and_usage as charges
cross join params
where
    charges.ChargePeriodStart >= params.first_day
    and charges.ChargePeriodStart < params.next_day
    and charges.ServiceName = params.service
group by all
order by TotalEffectiveCost desc
