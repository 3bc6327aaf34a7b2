-- Is a sub account within its budget?
-- Expect: One row per sub account, with its share of the budget that the parameters give it.
with params as (

    select
        timestamp '2026-06-01' as first_day,
        timestamp '2026-07-01' as next_day,
        'AWS' as provider,
        100000 as budget

)

select
    charges.ServiceProviderName,
    charges.SubAccountId,
    charges.SubAccountName,
    charges.BillingCurrency,
    any_value(params.budget) as Budget,
    sum(charges.BilledCost) as TotalBilledCost,
    sum(charges.BilledCost) / any_value(params.budget) as BudgetShare,
    sum(charges.BilledCost) > any_value(params.budget) as IsOverBudget
from focus_export.cost_and_usage as charges
cross join params
where
    charges.ServiceProviderName = params.provider
    and charges.ChargeCategory in ('Usage', 'Purchase')
    and charges.ChargePeriodStart >= params.first_day
    and charges.ChargePeriodStart < params.next_day
group by all
order by BudgetShare desc
