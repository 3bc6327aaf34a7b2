-- One row per price of an Azure price sheet; renamed, nothing dropped.
with source as (

    select * from {{ source('raw_azure', 'prices') }}

),

renamed as (

    select
        -- lineage
        _source_name as source_name,
        _source_kind as source_kind,
        _billing_period as billing_period,
        _source_file as source_file,
        _source_row as source_row,
        _account as stated_account_id,
        -- identity
        billing_account_id,
        billing_account_name,
        billing_profile_id,
        billing_profile_name,
        -- time
        effective_start_date,
        effective_end_date,
        -- money
        currency,
        billing_currency,
        base_price,
        market_price,
        unit_price,
        discount,
        -- usage
        price_type,
        term,
        tier_minimum_units,
        included_quantity,
        unit_of_measure,
        meter_id,
        meter_category,
        meter_sub_category,
        meter_name,
        meter_region,
        meter_type,
        offer_id,
        part_number,
        product as product_name,
        product_id,
        product_order_name,
        service_family,
        sku_id
    from source

)

select * from renamed
