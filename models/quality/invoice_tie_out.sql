-- One row per source, invoice, billing account, currency and billing period: what the charges of
-- the invoice bill and what its lines say. Charges without an invoice stand in rows of their own.
with charges as (

    select * from {{ ref('charged_invoices') }}

),

details as (

    select * from {{ ref('invoice_detail') }}

),

tolerance as (

    select * from {{ ref('quality_tolerances') }} where tolerance_name = 'invoice_line_rounding'

),

-- Sources whose bills carry invoice numbers: on the others a missing number says nothing.
invoicing as (

    select distinct source_name from charges where invoice_id is not null

),

linked as (

    select
        charges.source_name,
        charges.billing_period,
        charges.invoice_issuer_name,
        charges.invoice_id,
        charges.billing_account_id,
        charges.billing_currency,
        charges.billing_period_start,
        charges.is_rounding and charges.invoice_id is null as is_rounding,
        charges.charge_rows,
        charges.billed_cost,
        case
            when charges.has_delivered_line and details.invoice_detail_id is null
                then charges.charge_rows
            else 0
        end as unlinked_rows
    from charges
    left join details
        on
            charges.source_name = details.x_source_name
            and charges.invoice_issuer_name is not distinct from details.invoice_issuer_name
            and charges.invoice_id = details.invoice_id
            and charges.invoice_detail_id = details.invoice_detail_id

),

-- Both sides stacked: an invoice that one of them lacks still gets its row.
both_sides as (

    select
        source_name, billing_period, invoice_issuer_name, invoice_id, billing_account_id,
        billing_currency, billing_period_start, is_rounding, charge_rows, billed_cost,
        unlinked_rows, 0 as detail_lines, 0 as invoiced_cost, null as detail_origin
    from linked
    union all
    -- Nothing is owed for a voided invoice.
    select
        x_source_name, x_billing_period, invoice_issuer_name, invoice_id, billing_account_id,
        billing_currency, billing_period_start, false as is_rounding, 0 as charge_rows,
        0 as billed_cost, 0 as unlinked_rows, 1 as detail_lines, billed_cost as invoiced_cost,
        x_origin as detail_origin
    from details
    where coalesce(invoice_issue_status, '') <> 'Voided'

),

invoices as (

    select
        source_name,
        max(billing_period) as billing_period,
        max(invoice_issuer_name) as invoice_issuer_name,
        invoice_id,
        billing_account_id,
        billing_currency,
        billing_period_start,
        is_rounding,
        max(detail_origin) as detail_origin,
        cast(sum(charge_rows) as bigint) as charge_rows,
        cast(sum(unlinked_rows) as bigint) as unlinked_rows,
        cast(sum(detail_lines) as bigint) as detail_lines,
        {{ money('sum(billed_cost)') }} as billed_cost,
        {{ money('sum(invoiced_cost)') }} as invoiced_cost
    from both_sides
    group by
        source_name, invoice_id, billing_account_id, billing_currency, billing_period_start,
        is_rounding

)

select
    invoices.source_name,
    invoices.billing_period,
    invoices.invoice_issuer_name,
    invoices.invoice_id,
    invoices.billing_account_id,
    invoices.billing_currency,
    invoices.billing_period_start,
    case
        when invoices.is_rounding then 'rounding'
        when invoices.invoice_id is null and invoicing.source_name is null then 'no invoice named'
        when invoices.invoice_id is null then 'not invoiced yet'
        when
            abs(invoices.billed_cost - invoices.invoiced_cost)
            > case
                when invoices.detail_origin = 'delivered'
                    then tolerance.tolerance_amount * invoices.detail_lines
                else 0
            end
            then 'gap'
        when invoices.detail_origin = 'derived' then 'no invoice detail'
        else 'tied out'
    end as status,
    invoices.detail_origin,
    invoices.billed_cost,
    case when invoices.detail_lines > 0 then invoices.invoiced_cost end as invoiced_cost,
    case
        when invoices.invoice_id is not null
            then {{ money('invoices.billed_cost - invoices.invoiced_cost') }}
    end as gap,
    invoices.charge_rows,
    case when invoices.invoice_id is not null then invoices.unlinked_rows end as unlinked_rows,
    invoices.detail_lines
from invoices
cross join tolerance
left join invoicing on invoices.source_name = invoicing.source_name
