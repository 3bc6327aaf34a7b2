-- One row per charge of a native FOCUS export, of any provider and any version from 1.0, in FOCUS
-- 1.4 shape. Money is the provider's own to the last digit: only unit prices may be left out.
with charges as (

    select * from {{ ref('int_native_charges__labelled') }}

)

select
    -- FOCUS 1.4
    allocated_method_details,
    allocated_method_id,
    allocated_resource_id,
    allocated_resource_name,
    allocated_tag_map as allocated_tags,
    availability_zone,
    billed_cost,
    billing_account_id,
    billing_account_name,
    billing_account_type,
    billing_currency,
    period_end_at as billing_period_end,
    billing_period_start,
    capacity_reservation_id,
    capacity_reservation_status,
    charge_category,
    charge_class,
    charge_description,
    charge_frequency,
    charge_end_at as charge_period_end,
    charge_start_at as charge_period_start,
    commitment_discount_category,
    commitment_discount_id,
    commitment_discount_name,
    commitment_discount_quantity,
    commitment_discount_status,
    commitment_discount_type,
    focus_commitment_unit as commitment_discount_unit,
    commitment_program_eligibility_details,
    consumed_quantity,
    focus_consumed_unit as consumed_unit,
    contract_applied,
    contracted_cost,
    case when is_contracted_price_kept then contracted_unit_price end as contracted_unit_price,
    known_effective_cost as effective_cost,
    host_name as host_provider_name,
    invoice_detail_id,
    invoice_id,
    invoice_issuer_name,
    list_cost,
    case when is_list_price_kept then list_unit_price end as list_unit_price,
    pricing_category,
    pricing_currency,
    -- In one currency it is the same price, and the same doubt.
    case
        when is_contracted_price_kept or pricing_currency <> billing_currency
            then pricing_currency_contracted_unit_price
    end as pricing_currency_contracted_unit_price,
    pricing_currency_effective_cost,
    case
        when is_list_price_kept or pricing_currency <> billing_currency
            then pricing_currency_list_unit_price
    end as pricing_currency_list_unit_price,
    pricing_quantity,
    focus_pricing_unit as pricing_unit,
    region_id,
    region_name,
    resource_id,
    resource_name,
    resource_type,
    focus_service_category as service_category,
    service_name,
    seller_name as service_provider_name,
    focus_service_subcategory as service_subcategory,
    sku_id,
    sku_meter,
    focus_sku_price_details as sku_price_details,
    sku_price_id,
    sub_account_id,
    sub_account_name,
    sub_account_type,
    tag_map as tags,
    -- ours: lineage, and native facts that FOCUS has no column for
    source_name as x_source_name,
    source_kind as x_source_kind,
    billing_period as x_billing_period,
    cast(concat(billing_period, '-01') as date) as x_billing_month,
    source_file as x_source_file,
    source_row as x_source_row,
    'charge' as x_source_part,
    source_changes as x_source_changes,
    charge_type as x_charge_type,
    cast(null as string) as x_bill_type,
    service_code as x_service_code,
    usage_type as x_usage_type,
    operation as x_operation,
    coalesce(instance_type, sku_instancetype) as x_instance_type,
    product_family as x_product_family,
    principal_id as x_principal_id,
    case when cardinality(cost_category_map) > 0 then cost_category_map end
        as x_cost_categories,
    from_region_id as x_from_region_id,
    to_region_id as x_to_region_id,
    amortized_upfront_cost as x_amortized_upfront_cost,
    cast(null as boolean) as x_is_free_tier,
    sub_account_path as x_sub_account_path,
    -- Azure does not tell upper and lower case apart in these names.
    lower(resource_group) as x_resource_group,
    coalesce(model_id, sku_modelid) as x_model_id,
    coalesce(token_direction, sku_tokendirection) as x_token_direction,
    nullif(coalesce(token_cache_action, sku_tokencacheaction), 'Uncached')
        as x_token_cache_action,
    credential_id as x_credential_id,
    exported_at as x_exported_at,
    cast(null as bigint) as x_attribution_key
from charges
