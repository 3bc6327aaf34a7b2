-- Which share of the negotiated price do commitments save, service by service?
-- Expect: One row per provider, service and currency; negative where more was committed than used.
with params as (

    select
        timestamp '2026-05-01' as first_day,
        timestamp '2026-08-01' as next_day

)

select
    charges.ServiceProviderName,
    charges.ServiceName,
    charges.BillingCurrency,
    sum(charges.ContractedCost) as TotalContractedCost,
    sum(charges.EffectiveCost) as TotalEffectiveCost,
    1 - sum(charges.EffectiveCost) / nullif(sum(charges.ContractedCost), 0) as SavingsRate
from focus_export.cost_and_usage as charges
cross join params
where
    charges.ChargePeriodStart >= params.first_day
    and charges.ChargePeriodStart < params.next_day
    and charges.ChargeCategory = 'Usage'
group by all
order by TotalContractedCost desc
