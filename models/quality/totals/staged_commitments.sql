{# Exception to the folder: nothing is stored, the branches are. #}
{{ config(materialized='view') }}

-- One row per source, billing period, billing account, currency and commitment: what the bill
-- itself says was paid for, used and covered. One branch per provider.
{% set columns -%}
    source_name, billing_period, billing_account_id, billing_currency, commitment_discount_id,
    fee_cost, stated_commitment_cost, stated_used_cost, covered_cost
{%- endset %}

select {{ columns }} from {{ ref('staged_commitments_aws') }}
union all
select {{ columns }} from {{ ref('staged_commitments_azure') }}
union all
select {{ columns }} from {{ ref('staged_commitments_native') }}
union all
select {{ columns }} from {{ ref('staged_commitments_gcp') }}
