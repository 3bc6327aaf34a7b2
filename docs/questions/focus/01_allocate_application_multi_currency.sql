-- What does each application cost in each currency, once untagged cost is shared out?
-- Expect: One row per month, account, currency and application; shares add up to what is untagged.
with params as (

    select
        timestamp '2026-05-01' as first_month,
        timestamp '2026-07-01' as last_month,
        'project' as application_key

),

tagged as (

    select
        charges.BillingPeriodStart,
        charges.BillingAccountId,
        charges.BillingAccountName,
        charges.BillingCurrency,
        charges.Tags ->> params.application_key as Application,
        sum(charges.BilledCost) as DirectCost
    from focus_export.cost_and_usage as charges
    cross join params
    where
        charges.BillingPeriodStart >= params.first_month
        and charges.BillingPeriodStart <= params.last_month
    group by all

),

shared as (

    select
        *,
        sum(case when Application is null then DirectCost else 0 end) over bill as UntaggedCost,
        sum(case when Application is not null then DirectCost else 0 end) over bill as TaggedCost
    from tagged
    window bill as (partition by BillingPeriodStart, BillingAccountId, BillingCurrency)

)

select
    BillingPeriodStart,
    BillingAccountId,
    BillingAccountName,
    BillingCurrency,
    Application,
    DirectCost,
    UntaggedCost * (DirectCost / nullif(TaggedCost, 0)) as SharedCost,
    DirectCost + SharedCost as TotalCost
from shared
where Application is not null
order by BillingPeriodStart, BillingAccountId, BillingCurrency, TotalCost desc
