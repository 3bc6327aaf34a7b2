{# Exception to the folder: nothing is stored, the branches are. #}
{{ config(materialized='view') }}

-- One row per source, billing period, billing account, currency, native charge type and kind: what
-- staging holds, and which rows give no FOCUS row by which rule. One branch per provider.
{% set columns -%}
    source_name, billing_period, billing_account_id, billing_currency, charge_type, charge_kind,
    drop_reason, staged_rows, staged_cost, stated_effective_cost
{%- endset %}

select {{ columns }} from {{ ref('staged_totals_aws') }}
union all
select {{ columns }} from {{ ref('staged_totals_azure') }}
union all
select {{ columns }} from {{ ref('staged_totals_native') }}
union all
select {{ columns }} from {{ ref('staged_totals_anthropic') }}
union all
select {{ columns }} from {{ ref('staged_totals_openai') }}
union all
select {{ columns }} from {{ ref('staged_totals_oci') }}
union all
select {{ columns }} from {{ ref('staged_totals_on_prem') }}
union all
select {{ columns }} from {{ ref('staged_totals_gcp') }}
