-- What does a token cost, over everything that is measured in tokens?
-- Expect: One row per description, month and currency: cost per million tokens.
with params as (

    select
        timestamp '2026-05-01' as first_day,
        timestamp '2026-08-01' as next_day,
        'Tokens' as consumed_unit

)

select
    date_trunc('month', charges.ChargePeriodStart) as Month,
    charges.ChargeDescription,
    charges.ConsumedUnit,
    charges.BillingCurrency,
    sum(charges.ConsumedQuantity) as TotalConsumedQuantity,
    sum(charges.BilledCost) as TotalBilledCost,
    1000000 * sum(charges.BilledCost) / nullif(sum(charges.ConsumedQuantity), 0)
        as CostPerMillion
from focus_export.cost_and_usage as charges
cross join params
where
    charges.ConsumedUnit = params.consumed_unit
    and charges.ChargePeriodStart >= params.first_day
    and charges.ChargePeriodStart < params.next_day
group by all
order by Month, TotalBilledCost desc
