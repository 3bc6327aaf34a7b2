-- One row per currency, reporting currency and first day of a landed exchange rate.
with source as (

    select * from {{ source('raw_rates', 'exchange_rates') }}

),

renamed as (

    select
        _source_name as source_name,
        _billing_period as billing_period,
        _source_file as source_file,
        _source_row as source_row,
        currency,
        reporting_currency,
        cast(valid_from as date) as valid_from,
        rate,
        source as rate_source
    from source

)

select * from renamed
