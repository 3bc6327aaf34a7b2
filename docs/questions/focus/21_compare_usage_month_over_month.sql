-- Which resources were used more or less than in the month before?
-- Expect: One row per resource and SKU with both months' quantities and their difference.
with params as (

    select
        timestamp '2026-05-01' as month_before,
        timestamp '2026-06-01' as month_after,
        timestamp '2026-07-01' as month_end

)

select
    charges.ServiceProviderName,
    charges.ServiceName,
    charges.ResourceId,
    charges.SkuId,
    charges.ConsumedUnit,
    coalesce(
        sum(charges.ConsumedQuantity)
            filter (where charges.ChargePeriodStart < params.month_after), 0
    ) as QuantityBefore,
    coalesce(
        sum(charges.ConsumedQuantity)
            filter (where charges.ChargePeriodStart >= params.month_after), 0
    ) as QuantityAfter,
    QuantityAfter - QuantityBefore as Change
from focus_export.cost_and_usage as charges
cross join params
where
    charges.ChargeCategory = 'Usage'
    and charges.ResourceId is not null
    and charges.ConsumedQuantity is not null
    and charges.ChargePeriodStart >= params.month_before
    and charges.ChargePeriodStart < params.month_end
group by all
order by abs(Change) desc
