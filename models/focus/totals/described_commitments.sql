{# Exception to the folder: a union of narrow tables that are incremental themselves. #}
{{ config(materialized='view') }}

-- One row per source, billing period, currency and commitment that a bill describes beyond what
-- FOCUS charges hold: its term and obligation. A provider is one more branch.
select
    source_name,
    billing_period,
    billing_currency,
    commitment_discount_id,
    description,
    term_start_at,
    term_end_at,
    duration_type,
    payment_model,
    upfront_ratio,
    committed_cost,
    committed_quantity,
    committed_unit
from {{ ref('int_aws_commitments__described') }}
union all
select
    source_name,
    billing_period,
    billing_currency,
    commitment_discount_id,
    description,
    term_start_at,
    term_end_at,
    duration_type,
    payment_model,
    upfront_ratio,
    committed_cost,
    committed_quantity,
    committed_unit
from {{ ref('int_azure_commitments__described') }}
union all
select
    source_name,
    billing_period,
    billing_currency,
    commitment_discount_id,
    description,
    term_start_at,
    term_end_at,
    duration_type,
    payment_model,
    upfront_ratio,
    committed_cost,
    committed_quantity,
    committed_unit
from {{ ref('int_gcp_commitments__described') }}
