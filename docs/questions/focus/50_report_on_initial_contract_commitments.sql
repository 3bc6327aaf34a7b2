-- Which contract commitments were bought or paid for in the period, and under which contract?
-- Expect: One row per commitment that charges name in ContractApplied, with what was paid for it.
with params as (

    select
        timestamp '2026-05-01' as first_day,
        timestamp '2026-08-01' as next_day

),

commitments as (

    select distinct
        elements.Element ->> 'ContractId' as ContractId,
        elements.Element ->> 'ContractCommitmentId' as ContractCommitmentId
    from focus_export.cost_and_usage as charges
    cross join
        unnest(json_extract(charges.ContractApplied, '$.Elements[*]')) as elements (Element)

)

select
    charges.ServiceProviderName,
    commitments.ContractId,
    commitments.ContractCommitmentId,
    charges.BillingCurrency,
    min(charges.ChargePeriodStart) as FirstCharge,
    sum(charges.BilledCost) as TotalBilledCost
from focus_export.cost_and_usage as charges
cross join params
inner join commitments on charges.CommitmentDiscountId = commitments.ContractCommitmentId
where
    charges.ChargeCategory = 'Purchase'
    and charges.ChargePeriodStart >= params.first_day
    and charges.ChargePeriodStart < params.next_day
group by all
order by all
