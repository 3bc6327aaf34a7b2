{# Exception to the folder: a narrow table, see int_aws_tags__normalised. #}
{{ config(
    materialized='incremental',
    pre_hook="{{ delete_queued('source_name', 'billing_period') }}"
) }}

-- One row per source, billing period and billing account: the Google company that sends its
-- invoice.
select
    source_name,
    billing_period,
    billing_account_id,
    min(seller_name) as invoice_issuer
from {{ ref('int_gcp_billing_rows__classified') }}
where
    seller_name like 'Google%'
    and {{ rebuild_predicate('source_name', 'billing_period') }}
group by source_name, billing_period, billing_account_id
