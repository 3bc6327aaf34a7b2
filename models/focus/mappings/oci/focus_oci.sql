-- One row per OCI charge in FOCUS 1.4 shape: every line of a cost report gives one. Money is
-- decided in int_oci_charges__priced, names and labels in int_oci_charges__labelled.
with charges as (

    select * from {{ ref('int_oci_charges__labelled') }}

)

select
    -- FOCUS 1.4
    cast(null as string) as allocated_method_details,
    cast(null as string) as allocated_method_id,
    cast(null as string) as allocated_resource_id,
    cast(null as string) as allocated_resource_name,
    {{ no_map() }} as allocated_tags,
    availability_domain as availability_zone,
    {{ money('my_cost') }} as billed_cost,
    subscription_id as billing_account_id,
    cast(null as string) as billing_account_name,
    'Subscription' as billing_account_type,
    currency_code as billing_currency,
    cast(concat(billing_period, '-01') as timestamp) + interval 1 month as billing_period_end,
    cast(concat(billing_period, '-01') as timestamp) as billing_period_start,
    cast(null as string) as capacity_reservation_id,
    cast(null as string) as capacity_reservation_status,
    charge_category,
    -- A line is filed under the month of its usage, so a correction changes no other period.
    cast(null as string) as charge_class,
    product_description as charge_description,
    charge_frequency,
    case
        when is_empty_interval then usage_start_at + interval 1 second else usage_end_at
    end as charge_period_end,
    usage_start_at as charge_period_start,
    cast(null as string) as commitment_discount_category,
    cast(null as string) as commitment_discount_id,
    cast(null as string) as commitment_discount_name,
    cast(null as decimal(38, 12)) as commitment_discount_quantity,
    cast(null as string) as commitment_discount_status,
    cast(null as string) as commitment_discount_type,
    cast(null as string) as commitment_discount_unit,
    cast(null as string) as commitment_program_eligibility_details,
    case
        when charge_category <> 'Usage' then null
        when coalesce(block_size, 1) = 1 then pricing_quantity
        else {{ quantity_of_blocks('pricing_quantity', 'block_size') }}
    end as consumed_quantity,
    case
        when charge_category = 'Usage' and pricing_quantity is not null then focus_consumed_unit
    end as consumed_unit,
    -- Prepaid credits are a contract: what they paid for says so, where the report tells it.
    case
        when credit_cost <> 0
            then concat(
                '{"Elements":[',
                {{ json_object([
                    ('ContractId', json_string('subscription_id')),
                    ('ContractCommitmentId', json_string('subscription_id')),
                    ('ContractCommitmentAppliedCost', plain_number('credit_cost', 16)),
                ]) }},
                ']}'
            )
    end as contract_applied,
    {{ money('contracted_cost') }} as contracted_cost,
    contracted_unit_price,
    {{ money('my_cost') }} as effective_cost,
    'Oracle' as host_provider_name,
    cast(null as string) as invoice_detail_id,
    cast(null as string) as invoice_id,
    'Oracle' as invoice_issuer_name,
    {{ money('contracted_cost') }} as list_cost,
    cast(null as decimal(38, 18)) as list_unit_price,
    pricing_category,
    currency_code as pricing_currency,
    contracted_unit_price as pricing_currency_contracted_unit_price,
    {{ money('my_cost') }} as pricing_currency_effective_cost,
    cast(null as decimal(38, 18)) as pricing_currency_list_unit_price,
    {{ quantity('pricing_quantity') }} as pricing_quantity,
    case when pricing_quantity is not null then focus_pricing_unit end as pricing_unit,
    region_id,
    case when region_id is not null then focus_region_name end as region_name,
    resource_id,
    resource_name,
    resource_type,
    service_category,
    service_name,
    'Oracle' as service_provider_name,
    service_subcategory,
    product_sku as sku_id,
    case when product_sku is not null then product_description end as sku_meter,
    case
        when product_sku is not null and unit_price is not null
            then {{ json_object([
                ('GpuCount', 'cast(gpu_count as string)'),
                ('InstanceType', json_string('instance_type')),
                ('InstanceSeries', json_string('instance_series')),
                ('x_AcceleratorModel', json_string('gpu_model')),
            ]) }}
    end as sku_price_details,
    -- Reports have no key of a price: the part number with the price is one.
    product_sku || '/' || {{ plain_number('unit_price', 18) }} || ' ' || currency_code
        as sku_price_id,
    tenant_id as sub_account_id,
    cast(null as string) as sub_account_name,
    case when tenant_id is not null then 'Tenancy' end as sub_account_type,
    filled_tags as tags,
    -- ours: lineage, and native facts that FOCUS has no column for
    source_name as x_source_name,
    source_kind as x_source_kind,
    billing_period as x_billing_period,
    cast(concat(billing_period, '-01') as date) as x_billing_month,
    source_file as x_source_file,
    source_row as x_source_row,
    source_part as x_source_part,
    source_changes as x_source_changes,
    charge_type as x_charge_type,
    cast(null as string) as x_bill_type,
    service_code as x_service_code,
    product_description as x_usage_type,
    metered_resource as x_operation,
    instance_type as x_instance_type,
    cast(null as string) as x_product_family,
    cast(null as string) as x_principal_id,
    {{ no_map() }} as x_cost_categories,
    cast(null as string) as x_from_region_id,
    cast(null as string) as x_to_region_id,
    cast(null as decimal(38, 16)) as x_amortized_upfront_cost,
    cast(null as boolean) as x_is_free_tier,
    replace(compartment_path, '/', ' / ') as x_sub_account_path,
    compartment_name as x_resource_group,
    cast(null as string) as x_model_id,
    cast(null as string) as x_token_direction,
    cast(null as string) as x_token_cache_action,
    cast(null as string) as x_credential_id,
    cast(null as timestamp) as x_exported_at,
    cast(null as bigint) as x_attribution_key
from charges
