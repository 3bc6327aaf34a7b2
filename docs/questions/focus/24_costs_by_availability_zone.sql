-- What does a sub account cost in each availability zone, month by month?
-- Expect: One row per month, region and zone; charges that belong to no zone are left out.
with params as (

    select
        timestamp '2026-05-01' as first_day,
        timestamp '2026-08-01' as next_day,
        '111122223333' as sub_account

)

select
    charges.ServiceProviderName,
    charges.SubAccountId,
    charges.BillingPeriodStart,
    charges.RegionName,
    charges.AvailabilityZone,
    charges.BillingCurrency,
    sum(charges.EffectiveCost) as TotalEffectiveCost
from focus_export.cost_and_usage as charges
cross join params
where
    charges.ChargePeriodStart >= params.first_day
    and charges.ChargePeriodStart < params.next_day
    and charges.SubAccountId = params.sub_account
    and charges.AvailabilityZone is not null
group by all
order by all
