-- One row per Azure charge in FOCUS 1.4 shape: rows of the actual file, the use of commitments from
-- the amortized file, and what the two files disagree about. Money is decided further up.
with charges as (

    select * from {{ ref('int_azure_charges__identified') }}

)

select
    -- FOCUS 1.4
    cast(null as string) as allocated_method_details,
    cast(null as string) as allocated_method_id,
    cast(null as string) as allocated_resource_id,
    cast(null as string) as allocated_resource_name,
    {{ no_map() }} as allocated_tags,
    cast(null as string) as availability_zone,
    {{ money('billed_cost') }} as billed_cost,
    payer_id as billing_account_id,
    payer_name as billing_account_name,
    payer_type as billing_account_type,
    billing_currency,
    period_end_at as billing_period_end,
    period_start_at as billing_period_start,
    case when charge_category = 'Usage' then lower(capacity_reservation_id) end
        as capacity_reservation_id,
    capacity_status as capacity_reservation_status,
    charge_category,
    charge_class,
    charge_text as charge_description,
    charge_frequency,
    cast({{ dbt.dateadd('day', 1, 'charge_date') }} as timestamp) as charge_period_end,
    charge_date as charge_period_start,
    case when is_commitment then commitment_category end as commitment_discount_category,
    case when is_commitment then commitment_id end as commitment_discount_id,
    case when is_commitment then commitment_name end as commitment_discount_name,
    commitment_quantity as commitment_discount_quantity,
    case when is_commitment then commitment_status end as commitment_discount_status,
    case
        when not is_commitment then null
        when commitment_category = 'Spend' then 'Savings Plan'
        else 'Reservation'
    end as commitment_discount_type,
    case when commitment_quantity is not null then commitment_unit end as commitment_discount_unit,
    cast(null as string) as commitment_program_eligibility_details,
    case when is_consumed then {{ quantity('single_quantity') }} end as consumed_quantity,
    case when is_consumed and quantity is not null then coalesce(consumed_unit, unit_of_measure) end
        as consumed_unit,
    cast(null as string) as contract_applied,
    {{ money('contracted_cost') }} as contracted_cost,
    contracted_unit_price,
    {{ money('effective_cost') }} as effective_cost,
    -- A seller's software is known to run on Azure only where the row names a region.
    case when not is_marketplace or region_id is not null then 'Microsoft' end
        as host_provider_name,
    cast(null as string) as invoice_detail_id,
    invoice_id,
    coalesce(partner_name, 'Microsoft') as invoice_issuer_name,
    {{ money('list_cost') }} as list_cost,
    list_unit_price,
    pricing_category,
    price_currency as pricing_currency,
    case when is_contracted_price_kept then cast(native_contracted_price as decimal(38, 18)) end
        as pricing_currency_contracted_unit_price,
    case
        when price_currency = billing_currency then {{ money('effective_cost') }}
        when effective_cost = 0 then {{ money('0') }}
        when effective_cost = charged_cost and source_part = 'charge'
            then {{ money('cost_in_pricing_currency') }}
    end as pricing_currency_effective_cost,
    case when is_list_price_kept then cast(native_list_price as decimal(38, 18)) end
        as pricing_currency_list_unit_price,
    {{ quantity('pricing_quantity') }} as pricing_quantity,
    case
        when pricing_quantity is null then null
        when price_rule = 'unused' and is_spend then billing_currency
        else coalesce(pricing_unit, unit_of_measure)
    end as pricing_unit,
    region_id,
    region_name,
    charged_resource_id as resource_id,
    case
        when charged_resource_id is not null
            then coalesce(nullif(split_part(charged_resource_id, '/', -1), ''), resource_name)
    end as resource_name,
    charged_resource_type as resource_type,
    service_category,
    service_name,
    case when is_marketplace then coalesce(publisher_name, 'Microsoft') else 'Microsoft' end
        as service_provider_name,
    service_subcategory,
    case when price_rule <> 'none' then sku_id end as sku_id,
    case when price_rule <> 'none' and sku_id is not null then meter_name end as sku_meter,
    case
        when price_rule <> 'none' and sku_price_id is not null
            then coalesce(machine_details, model_details)
    end as sku_price_details,
    case when price_rule <> 'none' and sku_id is not null then sku_price_id end as sku_price_id,
    subscription_id as sub_account_id,
    case when subscription_id is not null then subscription_name end as sub_account_name,
    case when subscription_id is not null then 'Subscription' end as sub_account_type,
    tags,
    -- ours: lineage, and native facts that FOCUS has no column for
    source_name as x_source_name,
    source_kind as x_source_kind,
    billing_period as x_billing_period,
    cast(concat(billing_period, '-01') as date) as x_billing_month,
    source_file as x_source_file,
    source_row as x_source_row,
    source_part as x_source_part,
    source_changes as x_source_changes,
    native_charge_type as x_charge_type,
    cast(null as string) as x_bill_type,
    lower({{ azure_text('consumed_service') }}) as x_service_code,
    nullif(usage_type, '') as x_usage_type,
    operation as x_operation,
    instance_type as x_instance_type,
    meter_category as x_product_family,
    cast(null as string) as x_principal_id,
    cost_categories as x_cost_categories,
    cast(null as string) as x_from_region_id,
    cast(null as string) as x_to_region_id,
    amortized_upfront_cost as x_amortized_upfront_cost,
    cast(null as boolean) as x_is_free_tier,
    nullif(concat_ws(
        ' / ', customer_name, billing_account_name, billing_profile_name, invoice_section_name,
        account_name
    ), '') as x_sub_account_path,
    lower({{ azure_text('resource_group') }}) as x_resource_group,
    model_id as x_model_id,
    token_direction as x_token_direction,
    cache_action as x_token_cache_action,
    cast(null as string) as x_credential_id,
    cast(null as timestamp) as x_exported_at,
    cast(null as bigint) as x_attribution_key
from charges
