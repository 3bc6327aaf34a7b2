{# Exception to the folder: a narrow table, see int_aws_tags__normalised. #}
{{ config(
    materialized='incremental',
    pre_hook="{{ delete_queued('source_name', 'billing_period') }}"
) }}

-- One row per credit of a Google Cloud billing row, with how it is treated and whom it is for.
with billing_rows as (

    select * from {{ ref('int_gcp_billing_rows__classified') }}
    where credits is not null and {{ rebuild_predicate('source_name', 'billing_period') }}

),

credit_types as (

    select * from {{ ref('gcp_credit_types') }}

),

listed as (

    select
        billing_rows.*,
        {{ json_records('credits', ['name', 'amount', 'full_name', 'id', 'type']) }} as records
    from billing_rows

),

exploded as (

    select
        listed.source_name,
        listed.billing_period,
        listed.source_file,
        listed.source_row,
        listed.billing_account_id,
        listed.currency_code,
        listed.charge_kind,
        listed.gross_cost,
        listed.pricing_amount,
        listed.pricing_unit,
        listed.region_id,
        {{ gcp_resource_class('listed.sku_description') }} as resource_class,
        one.record_number as credit_number,
        one.record
    from listed
    {{ lateral_records('listed.records', 'one') }}

),

credits as (

    select
        *,
        nullif(record.type, '') as credit_type,
        coalesce(nullif(record.full_name, ''), nullif(record.name, '')) as credit_name,
        nullif(record.id, '') as credit_id,
        {{ money('record.amount') }} as credit_amount
    from exploded

)

select
    credits.source_name,
    credits.billing_period,
    credits.source_file,
    credits.source_row,
    credits.billing_account_id,
    credits.currency_code,
    credits.charge_kind,
    credits.gross_cost,
    credits.pricing_amount,
    credits.pricing_unit,
    credits.region_id,
    credits.resource_class,
    credits.credit_number,
    credits.credit_type,
    credits.credit_name,
    credits.credit_id,
    credits.credit_amount,
    -- A type that is not listed keeps its money, as a row of its own.
    coalesce(credit_types.treatment, 'credit') as treatment,
    credit_types.treatment is null as is_unknown_type
from credits
left join credit_types on credits.credit_type = credit_types.credit_type
where credits.credit_amount <> 0
