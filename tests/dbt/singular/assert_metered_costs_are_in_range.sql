-- Fails with each meter that an AI vendor billed at less than a tenth or more than five times what
-- its public price says: no discount or surcharge does that, but cents read as dollars do, and
-- tokens read as thousands or millions of them. Amounts below a unit of currency are left out.
select
    source_name,
    billing_period,
    provider,
    model_id,
    meter,
    billed_unit_price,
    expected_cost,
    difference_ratio
from {{ ref('metered_costs') }}
where
    (difference_ratio < -0.9 or difference_ratio > 4)
    and abs(coalesce(expected_cost, 0)) + abs(difference) > 1
