-- Which credits or tokens were bought as a currency of their own, and what did one cost?
-- Expect: One row per purchase whose unit is no money: prepaid credits of a vendor.
with params as (

    select
        timestamp '2026-05-01' as first_day,
        timestamp '2026-08-01' as next_day,
        '%Credits%' as virtual_currency

)

select
    charges.ServiceProviderName,
    charges.ChargeDescription,
    charges.PricingUnit,
    charges.BillingCurrency,
    sum(charges.PricingQuantity) as CreditsBought,
    sum(charges.BilledCost) as TotalBilledCost,
    sum(charges.BilledCost) / nullif(sum(charges.PricingQuantity), 0) as CostPerCredit
from focus_export.cost_and_usage as charges
cross join params
where
    charges.ChargeCategory = 'Purchase'
    and charges.PricingUnit ilike params.virtual_currency
    and charges.ChargePeriodStart >= params.first_day
    and charges.ChargePeriodStart < params.next_day
group by all
order by all
