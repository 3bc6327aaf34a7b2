-- On which days did a sub account spend unusually much on a service in a region?
-- Expect: One row per day that is two deviations and 10 or more above the week before it.
with params as (

    select
        timestamp '2026-05-01' as first_day,
        timestamp '2026-08-01' as next_day,
        5 as days_before,
        2 as deviations,
        10 as smallest_rise

),

daily as (

    select
        cast(charges.ChargePeriodStart as date) as Day,
        charges.ServiceProviderName,
        charges.SubAccountId,
        charges.RegionId,
        charges.RegionName,
        charges.ServiceName,
        charges.BillingCurrency,
        cast(sum(charges.EffectiveCost) as double) as DailyCost
    from focus_export.cost_and_usage as charges
    cross join params
    where
        charges.ChargeCategory = 'Usage'
        and charges.ChargePeriodStart >= params.first_day
        and charges.ChargePeriodStart < params.next_day
    group by all

),

compared as (

    select
        *,
        count(*) over week_before as DaysBefore,
        avg(DailyCost) over week_before as UsualCost,
        stddev_samp(DailyCost) over week_before as UsualDeviation
    from daily
    window week_before as (
        partition by
            ServiceProviderName,
            SubAccountId,
            RegionId,
            RegionName,
            ServiceName,
            BillingCurrency
        order by Day
        range between interval 7 days preceding and interval 1 day preceding
    )

)

select
    compared.Day,
    compared.ServiceProviderName,
    compared.SubAccountId,
    compared.RegionId,
    compared.RegionName,
    compared.ServiceName,
    compared.BillingCurrency,
    compared.DailyCost,
    compared.UsualCost,
    compared.DailyCost - compared.UsualCost as Rise
from compared
cross join params
where
    compared.DaysBefore >= params.days_before
    and compared.DailyCost
    > compared.UsualCost + params.deviations * compared.UsualDeviation
    and compared.DailyCost - compared.UsualCost >= params.smallest_rise
order by Rise desc
