-- One row per source, billing period, currency and day of charge: rows and cost. Read once per
-- changed period; exchange rates are looked up for these days only.
with charges as (

    select
        x_source_name as source_name,
        x_billing_period as billing_period,
        billing_currency,
        cast(charge_period_start as date) as charge_date,
        billed_cost,
        effective_cost
    from {{ ref('cost_and_usage') }}
    where {{ rebuild_predicate('x_source_name', 'x_billing_period') }}

)

select
    source_name,
    billing_period,
    billing_currency,
    charge_date,
    count(*) as charge_rows,
    {{ money('sum(billed_cost)') }} as billed_cost,
    {{ money('sum(effective_cost)') }} as effective_cost,
    -- Credits do not make the bill smaller when it is asked how much of it something concerns.
    {{ money('sum(abs(effective_cost))') }} as absolute_cost
from charges
group by source_name, billing_period, billing_currency, charge_date
