-- One row per AWS charge in FOCUS 1.4 shape: per line item, per idle part of a commitment fee, per
-- share of a split machine. Money is decided in int_aws_charges__costed, names and labels here.
with charges as (

    select * from {{ ref('int_aws_charges__labelled') }}

)

select
    -- FOCUS 1.4
    method_details as allocated_method_details,
    case when source_part = 'split' then 'aws_split_cost_allocation' end as allocated_method_id,
    pod_id as allocated_resource_id,
    {{ aws_pod_name('pod_id') }} as allocated_resource_name,
    pod_tags as allocated_tags,
    zone_id as availability_zone,
    {{ money('billed_cost') }} as billed_cost,
    payer_account_id as billing_account_id,
    payer_account_name as billing_account_name,
    'Payer Account' as billing_account_type,
    currency_code as billing_currency,
    period_end_at as billing_period_end,
    billing_period_start,
    case
        when capacity_status is not null or charge_kind = 'capacity_prepaid' then capacity_arn
    end as capacity_reservation_id,
    case when capacity_arn is not null then capacity_status end as capacity_reservation_status,
    charge_category,
    case
        when charge_kind like 'refund%' and usage_start_at < billing_period_start then 'Correction'
    end as charge_class,
    case
        when source_part = 'rounding' then 'Remainder of covered usage and its negation'
        when source_part = 'unused_commitment'
            then concat('Unused: ', coalesce(description, usage_type, ''))
        else description
    end as charge_description,
    charge_frequency,
    charge_end_at as charge_period_end,
    charge_start_at as charge_period_start,
    commitment_category as commitment_discount_category,
    commitment_id as commitment_discount_id,
    cast(null as string) as commitment_discount_name,
    case
        when commitment_category = 'Spend' and charge_category = 'Purchase'
            then {{ quantity('billed_cost') }}
        when commitment_category = 'Spend' and charge_category = 'Usage'
            then {{ quantity('effective_cost') }}
        when commitment_category = 'Usage' and charge_category <> 'Adjustment'
            then {{ aws_share('coalesce(normalized_quantity, reserved_quantity)', 'quantity') }}
    end as commitment_discount_quantity,
    commitment_status as commitment_discount_status,
    case commitment_category
        when 'Spend' then coalesce(savings_plan_offering_type, 'SavingsPlans')
        when 'Usage' then 'ReservedInstances'
    end as commitment_discount_type,
    case
        when commitment_category is null or charge_category = 'Adjustment' then null
        when commitment_category = 'Spend' then currency_code
        when normalized_quantity is not null then 'Normalized Hours'
        when reserved_quantity is not null then 'Hours'
    end as commitment_discount_unit,
    cast(null as string) as commitment_program_eligibility_details,
    case
        when not is_consumed then null
        when coalesce(block_size, 1) = 1 then pricing_quantity
        else {{ quantity_of_blocks('pricing_quantity', 'block_size') }}
    end as consumed_quantity,
    case when is_consumed then focus_consumed_unit end as consumed_unit,
    cast(null as string) as contract_applied,
    {{ money('contracted_cost') }} as contracted_cost,
    contracted_unit_price,
    {{ money('effective_cost') }} as effective_cost,
    -- A seller's software is known to run on AWS only where the line names a region.
    case when not is_marketplace or region_id is not null then 'AWS' end as host_provider_name,
    cast(null as string) as invoice_detail_id,
    invoice_id,
    coalesce(invoicing_entity, case when not is_marketplace then legal_entity end, 'AWS')
        as invoice_issuer_name,
    {{ money('list_cost') }} as list_cost,
    list_unit_price,
    pricing_category,
    price_currency as pricing_currency,
    case when price_currency = currency_code then contracted_unit_price end
        as pricing_currency_contracted_unit_price,
    case when price_currency = currency_code then {{ money('effective_cost') }} end
        as pricing_currency_effective_cost,
    case when price_currency = currency_code then list_unit_price end
        as pricing_currency_list_unit_price,
    {{ quantity('pricing_quantity') }} as pricing_quantity,
    case when pricing_quantity is not null then focus_pricing_unit end as pricing_unit,
    region_id,
    case when region_id is not null then region_name end as region_name,
    charged_resource_id as resource_id,
    {{ aws_resource_name('charged_resource_id') }} as resource_name,
    {{ aws_resource_type('charged_resource_id', 'product_code', 'product_family') }}
        as resource_type,
    service_category,
    service_name,
    case
        -- AWS sells there too, and taxes what others sell, as one of its companies.
        when is_marketplace and legal_entity not like 'Amazon Web Services%' then legal_entity
        else 'AWS'
    end as service_provider_name,
    service_subcategory,
    sku_id,
    case when sku_id is not null then usage_type end as sku_meter,
    sku_price_details,
    sku_price_id,
    usage_account_id as sub_account_id,
    usage_account_name as sub_account_name,
    'Account' as sub_account_type,
    case when source_part <> 'rounding' then tags end as tags,
    -- ours: lineage, and native facts that FOCUS has no column for
    source_name as x_source_name,
    source_kind as x_source_kind,
    billing_period as x_billing_period,
    cast(concat(billing_period, '-01') as date) as x_billing_month,
    source_file as x_source_file,
    source_row as x_source_row,
    source_part as x_source_part,
    source_changes as x_source_changes,
    line_item_type as x_charge_type,
    bill_type as x_bill_type,
    product_code as x_service_code,
    usage_type as x_usage_type,
    operation as x_operation,
    product_instance_type as x_instance_type,
    product_family as x_product_family,
    iam_principal as x_principal_id,
    case when cardinality(cost_categories) > 0 then cost_categories end as x_cost_categories,
    product_from_region_code as x_from_region_id,
    product_to_region_code as x_to_region_id,
    amortized_upfront_cost as x_amortized_upfront_cost,
    charge_kind = 'usage_free_tier' as x_is_free_tier,
    cast(null as string) as x_sub_account_path,
    cast(null as string) as x_resource_group,
    case when {{ aws_is_token_usage() }} then {{ aws_token_model() }} end as x_model_id,
    case when {{ aws_is_token_usage() }} then {{ aws_token_direction() }} end as x_token_direction,
    case
        when {{ aws_is_token_usage() }} then {{ aws_token_cache_action() }}
    end as x_token_cache_action,
    cast(null as string) as x_credential_id,
    cast(null as timestamp) as x_exported_at,
    cast(null as bigint) as x_attribution_key
from charges
