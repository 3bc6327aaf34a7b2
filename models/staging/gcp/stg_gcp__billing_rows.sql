-- One row per billing row as Google Cloud exports it; renamed, nothing dropped.
with source as (

    select * from {{ source('raw_gcp', 'billing_rows') }}

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
        project_id,
        project_number,
        project_name,
        project_ancestry_numbers,
        transaction_type,
        seller_name,
        invoice_publisher_type as publisher_type,
        -- time
        invoice_month,
        usage_start_time as usage_start_at,
        usage_end_time as usage_end_at,
        -- money
        currency as currency_code,
        currency_conversion_rate as conversion_rate,
        cost as gross_cost,
        cost_at_list as list_amount,
        cost_at_effective_price_default as default_amount,
        cost_at_list_consumption_model as model_list_amount,
        cost_type,
        price_effective_price as effective_price,
        price_effective_price_default as default_price,
        price_list_price as list_price,
        price_list_price_consumption_model as model_list_price,
        price_tier_start_amount as tier_start_amount,
        price_unit,
        price_pricing_unit_quantity as price_block_size,
        -- JSON text, NULL where there is none. Files that flatten credits hold one per row.
        coalesce(
            case
                when credits in ('[]', 'null') then null
                when left(credits, 1) = '{' then concat('[', credits, ']')
                else credits
            end,
            case
                when credits_amount <> 0
                    then cast(json_array(json_object(
                        'name', credits_name,
                        'amount', cast(credits_amount as varchar),
                        'full_name', credits_full_name,
                        'id', credits_id,
                        'type', credits_type
                    )) as varchar)
            end
        ) as credits,
        -- commitments and corrections
        subscription_instance_id as fee_subscription_id,
        consumption_model_id,
        consumption_model_description,
        consumption_model_applied_subscription_instance_id as applied_subscription_id,
        adjustment_info_id as adjustment_id,
        adjustment_info_description as adjustment_description,
        adjustment_info_mode as adjustment_mode,
        adjustment_info_type as adjustment_type,
        -- usage
        service_id,
        service_description,
        sku_id,
        sku_description,
        resource_name,
        resource_global_name,
        location_location as location_name,
        location_country as country_code,
        location_region as location_region,
        location_zone,
        usage_amount,
        usage_unit,
        usage_amount_in_pricing_units as pricing_amount,
        usage_pricing_unit as pricing_unit,
        -- labels: JSON text, NULL where there is none
        nullif(labels, '[]') as labels,
        nullif(system_labels, '[]') as system_labels,
        nullif(tags, '[]') as resource_tags,
        nullif(project_labels, '[]') as project_labels,
        nullif(project_ancestors, '[]') as project_ancestors
    from source

)

select * from renamed
