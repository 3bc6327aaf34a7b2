-- What kind of thing is each billing account and sub account at each provider?
-- Expect: One row per provider, billing account and type of sub account.
with params as (

    select
        timestamp '2026-05-01' as first_day,
        timestamp '2026-08-01' as next_day

)

select
    charges.ServiceProviderName,
    charges.BillingAccountName,
    charges.BillingAccountType,
    charges.SubAccountType,
    count(distinct charges.BillingAccountId) as BillingAccounts,
    count(distinct charges.SubAccountId) as SubAccounts
from focus_export.cost_and_usage as charges
cross join params
where
    charges.ChargePeriodStart >= params.first_day
    and charges.ChargePeriodStart < params.next_day
group by all
order by all
