-- How much do negotiated prices and commitments take off the list price of each service?
-- Expect: One row per month, account, service and currency, with both discounts and their rates.
with params as (

    select
        timestamp '2026-05-01' as first_month,
        timestamp '2026-07-01' as last_month

)

select
    charges.ServiceProviderName,
    charges.BillingAccountId,
    charges.BillingAccountName,
    charges.BillingPeriodStart,
    charges.ServiceName,
    charges.BillingCurrency,
    sum(charges.ListCost) as TotalListCost,
    sum(charges.ContractedCost) as TotalContractedCost,
    sum(charges.EffectiveCost) as TotalEffectiveCost,
    sum(charges.BilledCost) as TotalBilledCost,
    sum(charges.ListCost - charges.ContractedCost) as NegotiatedDiscount,
    sum(charges.ContractedCost - charges.EffectiveCost) as CommitmentDiscount,
    1 - sum(charges.EffectiveCost) / nullif(sum(charges.ListCost), 0) as DiscountRate
from focus_export.cost_and_usage as charges
cross join params
where
    charges.BillingPeriodStart >= params.first_month
    and charges.BillingPeriodStart <= params.last_month
    and charges.ChargeCategory = 'Usage'
    and charges.ChargeClass is null
group by all
order by charges.BillingPeriodStart, TotalListCost desc
