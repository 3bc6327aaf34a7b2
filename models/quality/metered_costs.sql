-- One row per source, billing period, billing account, currency, model, meter, service tier and
-- state of the quantity: what an AI vendor billed for it, how much that was, and what it should
-- have cost at the public price.
select
    source_name,
    billing_period,
    billing_account_id,
    billing_currency,
    provider,
    model_id,
    meter,
    service_tier,
    quantity_state,
    pricing_unit,
    charge_rows,
    pricing_quantity,
    billed_cost,
    round({{ ratio('billed_cost', 'pricing_quantity') }}, 9) as billed_unit_price,
    expected_cost,
    {{ money('billed_cost_at_known_price - expected_cost') }} as difference,
    round({{ ratio('billed_cost_at_known_price - expected_cost', 'expected_cost') }}, 9)
        as difference_ratio
from {{ ref('vendor_charge_totals') }}
