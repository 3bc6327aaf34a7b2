-- One row per invoice issuer and billing period, exactly as in billing_period,
-- under the column names of FOCUS 1.4.
with billing_period as (

    select * from {{ ref('billing_period') }}

)

select
    -- FOCUS 1.4
    billing_period_created as BillingPeriodCreated,
    billing_period_end as BillingPeriodEnd,
    billing_period_last_updated as BillingPeriodLastUpdated,
    billing_period_start as BillingPeriodStart,
    billing_period_status as BillingPeriodStatus,
    invoice_issuer_name as InvoiceIssuerName,
    -- ours
    x_source_names as x_SourceNames,
    x_origin as x_Origin
from billing_period
