-- What will each service cost next month if it goes on as in the last ones?
-- Expect: One row per service and currency: the latest month plus the average change.
with params as (

    select
        timestamp '2026-05-01' as first_month,
        timestamp '2026-07-01' as last_month

),

monthly as (

    select
        charges.BillingPeriodStart,
        charges.ServiceProviderName,
        charges.ServiceCategory,
        charges.ServiceName,
        charges.BillingCurrency,
        cast(sum(charges.EffectiveCost) as double) as MonthlyCost
    from focus_export.cost_and_usage as charges
    cross join params
    where
        charges.BillingPeriodStart >= params.first_month
        and charges.BillingPeriodStart <= params.last_month
        and charges.ChargeCategory = 'Usage'
    group by all

),

trended as (

    select
        *,
        lag(MonthlyCost) over history as CostBefore
    from monthly
    window history as (
        partition by ServiceProviderName, ServiceCategory, ServiceName, BillingCurrency
        order by BillingPeriodStart
    )

)

select
    ServiceProviderName,
    ServiceCategory,
    ServiceName,
    BillingCurrency,
    max(BillingPeriodStart) + interval 1 month as ForecastMonth,
    max_by(MonthlyCost, BillingPeriodStart) as LatestCost,
    avg(MonthlyCost - CostBefore) as MonthlyChange,
    greatest(LatestCost + coalesce(MonthlyChange, 0), 0) as ForecastCost
from trended
group by all
order by ForecastCost desc
