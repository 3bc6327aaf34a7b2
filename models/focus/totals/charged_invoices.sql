-- One row per source, billing period, invoice, account, currency, charge category and invoice line:
-- what its charges bill. Read once per changed period; invoice lines and tie-out add these up.
with charges as (

    select
        *,
        -- A line that the bill itself names; others are named after what they add up.
        coalesce(invoice_detail_id <> {{ derived_invoice_detail_id() }}, false)
            as has_delivered_line
    from {{ ref('cost_and_usage') }}
    where {{ rebuild_predicate('x_source_name', 'x_billing_period') }}

)

select
    x_source_name as source_name,
    x_billing_period as billing_period,
    x_source_kind as source_kind,
    invoice_issuer_name,
    invoice_id,
    invoice_detail_id,
    billing_account_id,
    billing_currency,
    billing_period_start,
    billing_period_end,
    charge_category,
    has_delivered_line,
    -- What rounding leaves over is ours, not the provider's, and has no invoice.
    x_source_part = 'rounding' as is_rounding,
    count(*) as charge_rows,
    {{ money('sum(billed_cost)') }} as billed_cost
from charges
group by
    x_source_name, x_billing_period, x_source_kind, invoice_issuer_name, invoice_id,
    invoice_detail_id, billing_account_id, billing_currency, billing_period_start,
    billing_period_end, charge_category, has_delivered_line, x_source_part = 'rounding'
