-- One row per line of an OCI cost report; renamed, nothing dropped.
with source as (

    select * from {{ source('raw_oci', 'cost_lines') }}

),

renamed as (

    select
        -- lineage
        _source_name as source_name,
        _source_kind as source_kind,
        _billing_period as billing_period,
        _source_file as source_file,
        _source_row as source_row,
        -- identity
        line_item_reference_no as reference_no,
        line_item_back_reference_no as back_reference_no,
        line_item_is_correction as is_correction_text,
        coalesce(cost_subscription_id, line_item_tenant_id) as subscription_id,
        line_item_tenant_id as tenant_id,
        -- time
        line_item_interval_usage_start as usage_start_at,
        line_item_interval_usage_end as usage_end_at,
        -- money
        cost_my_cost as my_cost,
        cost_my_cost_overage as my_cost_overage,
        cost_unit_price as unit_price,
        cost_unit_price_overage as unit_price_overage,
        cost_overage_flag as overage_flag,
        cost_currency_code as currency_code,
        -- usage
        usage_billed_quantity as billed_quantity,
        usage_billed_quantity_overage as billed_quantity_overage,
        usage_consumed_quantity as consumed_quantity,
        usage_consumed_quantity_units as consumed_quantity_units,
        usage_consumed_quantity_measure as consumed_quantity_measure,
        cost_billing_unit_readable as billing_unit,
        cost_sku_unit_description as sku_unit_description,
        cost_product_sku as product_sku,
        product_description,
        -- labels
        product_service as service_code,
        product_resource as metered_resource,
        product_resource_id as resource_id,
        product_compartment_id as compartment_id,
        product_compartment_name as compartment_name,
        product_compartment_path as compartment_path,
        product_region as region_id,
        product_availability_domain as availability_domain,
        tags
    from source

)

select * from renamed
