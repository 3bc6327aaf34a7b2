-- One row per line of an invoice, exactly as in invoice_detail,
-- under the column names of FOCUS 1.4.
with invoice_detail as (

    select * from {{ ref('invoice_detail') }}

)

select
    -- FOCUS 1.4
    billed_cost as BilledCost,
    billing_account_id as BillingAccountId,
    billing_currency as BillingCurrency,
    billing_period_end as BillingPeriodEnd,
    billing_period_start as BillingPeriodStart,
    charge_category as ChargeCategory,
    invoice_detail_created as InvoiceDetailCreated,
    invoice_detail_description as InvoiceDetailDescription,
    {{ json_column('invoice_detail_grain') }} as InvoiceDetailGrain,
    invoice_detail_id as InvoiceDetailId,
    invoice_detail_last_updated as InvoiceDetailLastUpdated,
    invoice_id as InvoiceId,
    invoice_issue_date as InvoiceIssueDate,
    invoice_issue_status as InvoiceIssueStatus,
    invoice_issuer_name as InvoiceIssuerName,
    payment_currency as PaymentCurrency,
    payment_currency_billed_cost as PaymentCurrencyBilledCost,
    payment_currency_invoice_detail_id as PaymentCurrencyInvoiceDetailId,
    payment_due_date as PaymentDueDate,
    payment_terms as PaymentTerms,
    purchase_order_number as PurchaseOrderNumber,
    reference_invoice_id as ReferenceInvoiceId,
    -- ours
    x_source_name as x_SourceName,
    x_billing_period as x_BillingPeriod,
    x_origin as x_Origin
from invoice_detail
