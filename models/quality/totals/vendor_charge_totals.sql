-- One row per source, billing period, billing account, currency, model, meter, service tier and
-- state of the quantity: AI vendor charges that meter something. Read once per changed period.
with charges as (

    select * from {{ ref('int_vendor_charges__priced') }}
    where
        {{ rebuild_predicate('source_name', 'billing_period') }}
        and quantity_state is not null

)

select
    source_name,
    billing_period,
    account_id as billing_account_id,
    billing_currency,
    provider,
    model_id,
    meter,
    coalesce(service_tier, 'standard') as service_tier,
    quantity_state,
    max(pricing_unit) as pricing_unit,
    count(*) as charge_rows,
    {{ quantity('sum(pricing_quantity)') }} as pricing_quantity,
    {{ money('sum(charged_cost)') }} as billed_cost,
    {{ money('sum(case when list_product is not null then charged_cost end)') }}
        as billed_cost_at_known_price,
    {{ money('sum(list_product)') }}
        as expected_cost
from charges
group by
    source_name, billing_period, account_id, billing_currency, provider, model_id, meter,
    coalesce(service_tier, 'standard'), quantity_state
