-- One row per SKU, billing account and day as the pricing export states it; renamed, nothing
-- dropped.
with source as (

    select * from {{ source('raw_gcp', 'prices') }}

),

renamed as (

    select
        -- lineage
        _source_name as source_name,
        _source_kind as source_kind,
        _billing_period as billing_period,
        _source_file as source_file,
        _source_row as source_row,
        export_time as exported_at,
        -- identity
        coalesce(billing_account_id, _account) as billing_account_id,
        billing_account_name,
        business_entity_name,
        service_id,
        service_description,
        sku_id,
        sku_description,
        product_taxonomy,
        geo_taxonomy_type,
        geo_taxonomy_regions,
        -- time
        pricing_as_of_time as priced_at,
        -- money
        account_currency_code as currency_code,
        currency_conversion_rate as conversion_rate,
        pricing_unit,
        pricing_unit_description,
        list_price_tiered_rates as list_rates,
        list_price_aggregation_info as list_aggregation,
        list_price_price_reason as list_price_reason,
        billing_account_price_tiered_rates as contract_rates,
        billing_account_price_price_reason as contract_price_reason,
        price_info,
        sku_destination_migration_mappings as migrated_to
    from source

)

select * from renamed
