-- How far is each contract commitment drawn down, month by month?
-- Expect: One row per commitment and month with what was applied so far; burn-down needs the
-- amount promised.
with params as (

    select
        timestamp '2026-05-01' as first_month,
        timestamp '2026-07-01' as last_month

),

applied as (

    select
        charges.ServiceProviderName,
        charges.BillingAccountId,
        elements.Element ->> 'ContractCommitmentId' as ContractCommitmentId,
        charges.BillingPeriodStart,
        charges.BillingCurrency,
        sum(cast(elements.Element ->> 'ContractCommitmentAppliedCost' as double)) as AppliedCost,
        sum(cast(elements.Element ->> 'ContractCommitmentAppliedQuantity' as double))
            as AppliedQuantity,
        sum(charges.EffectiveCost) as TotalEffectiveCost
    from focus_export.cost_and_usage as charges
    cross join params
    cross join
        unnest(json_extract(charges.ContractApplied, '$.Elements[*]')) as elements (Element)
    where
        charges.BillingPeriodStart >= params.first_month
        and charges.BillingPeriodStart <= params.last_month
    group by all

)

select
    *,
    sum(AppliedCost) over so_far as AppliedCostSoFar,
    sum(AppliedQuantity) over so_far as AppliedQuantitySoFar
from applied
window so_far as (
    partition by ServiceProviderName, BillingAccountId, ContractCommitmentId, BillingCurrency
    order by BillingPeriodStart
)
order by ContractCommitmentId, BillingPeriodStart
