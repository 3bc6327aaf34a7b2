-- One row per billing period as a native FOCUS export delivers it; renamed, nothing dropped.
with source as (

    select * from {{ source('raw_focus', 'billing_period') }}

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
        billing_period_created,
        billing_period_end,
        billing_period_last_updated,
        billing_period_start,
        billing_period_status,
        invoice_issuer_name
    from source

)

select * from renamed
