-- One row per line of an invoice: what it groups and bills. Where no delivery holds the lines, they
-- are derived: one per charge category of the invoice, as much as the bill's rows tell of it.
with delivered as (

    -- A line that a later delivery repeats is the same line, told anew.
    select *
    from {{ ref('stg_focus__invoice_detail') }}
    qualify
        row_number() over (
            partition by source_name, invoice_issuer_name, invoice_id, invoice_detail_id
            order by
                billing_period desc, invoice_detail_last_updated desc nulls last,
                source_file asc, source_row asc
        ) = 1

),

delivering as (

    select distinct source_name, billing_period from delivered

),

charged as (

    select
        charged_invoices.source_name,
        charged_invoices.billing_period,
        charged_invoices.source_kind,
        charged_invoices.invoice_issuer_name,
        charged_invoices.invoice_id,
        charged_invoices.invoice_detail_id,
        charged_invoices.billing_account_id,
        charged_invoices.billing_currency,
        charged_invoices.billing_period_start,
        charged_invoices.billing_period_end,
        charged_invoices.charge_category,
        {{ money('sum(charged_invoices.billed_cost)') }} as billed_cost
    from {{ ref('charged_invoices') }} as charged_invoices
    left join delivering
        on
            charged_invoices.source_name = delivering.source_name
            and charged_invoices.billing_period = delivering.billing_period
    where charged_invoices.invoice_id is not null and delivering.source_name is null
    group by all

),

delivery_times as (

    select source_name, billing_period, delivered_at from {{ ref('period_status') }}

),

both_origins as (

    select
        billed_cost,
        billing_account_id,
        billing_currency,
        billing_period_end,
        billing_period_start,
        charge_category,
        invoice_detail_created,
        invoice_detail_description,
        cast(invoice_detail_grain as string) as invoice_detail_grain,
        invoice_detail_id,
        invoice_detail_last_updated,
        invoice_id,
        invoice_issue_date,
        invoice_issue_status,
        invoice_issuer_name,
        payment_currency,
        payment_currency_billed_cost,
        payment_currency_invoice_detail_id,
        payment_due_date,
        payment_terms,
        purchase_order_number,
        reference_invoice_id,
        source_name as x_source_name,
        billing_period as x_billing_period,
        'delivered' as x_origin
    from delivered
    union all
    select
        charged.billed_cost,
        charged.billing_account_id,
        charged.billing_currency,
        charged.billing_period_end,
        charged.billing_period_start,
        charged.charge_category,
        cast(null as timestamp) as invoice_detail_created,
        cast(null as string) as invoice_detail_description,
        cast(null as string) as invoice_detail_grain,
        charged.invoice_detail_id,
        delivery_times.delivered_at as invoice_detail_last_updated,
        charged.invoice_id,
        cast(null as timestamp) as invoice_issue_date,
        -- Clouds put the invoice's number on a row when they issue it; other exports may not.
        case when charged.source_kind <> 'focus' then 'Issued' end as invoice_issue_status,
        charged.invoice_issuer_name,
        cast(null as string) as payment_currency,
        cast(null as decimal(38, 16)) as payment_currency_billed_cost,
        cast(null as string) as payment_currency_invoice_detail_id,
        cast(null as timestamp) as payment_due_date,
        cast(null as string) as payment_terms,
        cast(null as string) as purchase_order_number,
        cast(null as string) as reference_invoice_id,
        charged.source_name as x_source_name,
        charged.billing_period as x_billing_period,
        'derived' as x_origin
    from charged
    left join delivery_times
        on
            charged.source_name = delivery_times.source_name
            and charged.billing_period = delivery_times.billing_period

)

select
    {{ money('billed_cost') }} as billed_cost,
    billing_account_id,
    billing_currency,
    billing_period_end,
    billing_period_start,
    charge_category,
    invoice_detail_created,
    invoice_detail_description,
    invoice_detail_grain,
    invoice_detail_id,
    invoice_detail_last_updated,
    invoice_id,
    invoice_issue_date,
    invoice_issue_status,
    invoice_issuer_name,
    payment_currency,
    {{ money('payment_currency_billed_cost') }} as payment_currency_billed_cost,
    payment_currency_invoice_detail_id,
    payment_due_date,
    payment_terms,
    purchase_order_number,
    reference_invoice_id,
    x_source_name,
    x_billing_period,
    x_origin
from both_origins
