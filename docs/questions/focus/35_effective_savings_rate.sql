-- Which share of the negotiated price do commitments save?
-- Expect: One row per currency with the savings rate; idle commitments count against it.
with params as (

    select
        timestamp '2026-05-01' as first_day,
        timestamp '2026-08-01' as next_day

)

select
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
order by all
