-- How did the cost of each service develop from month to month?
-- Expect: One row per provider, service and month with the change since the month before.
with params as (

    select
        timestamp '2026-05-01' as first_day,
        timestamp '2026-08-01' as next_day

),

monthly as (

    select
        date_trunc('month', charges.ChargePeriodStart) as Month,
        charges.ServiceProviderName,
        charges.ServiceName,
        charges.BillingCurrency,
        sum(charges.EffectiveCost) as TotalEffectiveCost
    from focus_export.cost_and_usage as charges
    cross join params
    where
        charges.ChargePeriodStart >= params.first_day
        and charges.ChargePeriodStart < params.next_day
    group by all

)

select
    *,
    TotalEffectiveCost - lag(TotalEffectiveCost) over (
        partition by ServiceProviderName, ServiceName, BillingCurrency
        order by Month
    ) as Change
from monthly
order by all
