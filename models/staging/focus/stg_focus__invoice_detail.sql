-- One row per invoice line as a native FOCUS export delivers it; renamed, nothing dropped.
with source as (

    select * from {{ source('raw_focus', 'invoice_detail') }}

),

renamed as (

    select
        -- lineage
        _source_name as source_name,
        _source_kind as source_kind,
        _billing_period as billing_period,
        _source_file as source_file,
        _source_row as source_row,
        -- FOCUS 1.4
        billed_cost,
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
        payment_currency_billed_cost,
        payment_currency_invoice_detail_id,
        payment_due_date,
        payment_terms,
        purchase_order_number,
        reference_invoice_id
    from source

)

select * from renamed
