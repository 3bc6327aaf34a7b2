-- One row per Google Cloud charge in FOCUS 1.4 shape: per billing row, per share that a commitment
-- pays for, per idle part of a fee, per credit. Money is decided in int_gcp_charges__costed.
with charges as (

    select
        *,
        charge_category = 'Usage' and coalesce(commitment_status, '') <> 'Unused' as is_consumed,
        source_part in ('credit', 'rounding') as is_plain_amount,
        -- What GKE gives to no namespace stays with the node.
        cluster_name is not null and namespace is not null
        and namespace not in (
            'kube:unallocated', 'kube:system-overhead', 'goog-k8s-unknown',
            'goog-k8s-unsupported-sku'
        )
        and source_part not in ('credit', 'rounding', 'unused_commitment')
        and charge_category = 'Usage' as is_shared
    from {{ ref('int_gcp_charges__labelled') }}

)

select
    -- FOCUS 1.4
    cast(null as string) as allocated_method_details,
    case when is_shared then 'gke_cost_allocation' end as allocated_method_id,
    case when is_shared then concat_ws('/', cluster_name, namespace, workload) end
        as allocated_resource_id,
    case when is_shared then coalesce(workload, namespace) end as allocated_resource_name,
    case when is_shared then cluster_tags end as allocated_tags,
    case when not is_plain_amount then zone_id end as availability_zone,
    {{ money('billed_cost') }} as billed_cost,
    billing_account_id,
    cast(null as string) as billing_account_name,
    'Billing Account' as billing_account_type,
    currency_code as billing_currency,
    billing_period_end,
    billing_period_start,
    cast(null as string) as capacity_reservation_id,
    cast(null as string) as capacity_reservation_status,
    charge_category,
    case
        when adjustment_id is not null and usage_start_at < billing_period_start
            then 'Correction'
    end as charge_class,
    case
        when source_part = 'unused_commitment' then concat('Unused: ', sku_description)
        else coalesce(part_description, sku_description, adjustment_description)
    end as charge_description,
    charge_frequency,
    case
        when usage_end_at = usage_start_at then usage_start_at + interval 1 second
        else greatest(usage_start_at, usage_end_at)
    end as charge_period_end,
    least(usage_start_at, usage_end_at) as charge_period_start,
    commitment_category as commitment_discount_category,
    commitment_id as commitment_discount_id,
    cast(null as string) as commitment_discount_name,
    case
        when commitment_category = 'Spend' and charge_category = 'Purchase'
            then {{ quantity('billed_cost') }}
        when commitment_category = 'Spend' then {{ quantity('effective_cost') }}
        when commitment_category = 'Usage' then {{ quantity('native_quantity') }}
    end as commitment_discount_quantity,
    commitment_status as commitment_discount_status,
    case commitment_category
        when 'Spend' then 'Spend-based CUD'
        when 'Usage' then 'Resource-based CUD'
    end as commitment_discount_type,
    case commitment_category
        when 'Spend' then currency_code
        when 'Usage' then single_unit
    end as commitment_discount_unit,
    cast(null as string) as commitment_program_eligibility_details,
    case when is_consumed then {{ quantity('native_quantity') }} end as consumed_quantity,
    case when is_consumed and native_quantity is not null then single_unit end as consumed_unit,
    cast(null as string) as contract_applied,
    {{ money('contracted_cost') }} as contracted_cost,
    contracted_unit_price,
    {{ money('effective_cost') }} as effective_cost,
    case when not is_third_party or region_id is not null then 'Google Cloud' end
        as host_provider_name,
    cast(null as string) as invoice_detail_id,
    cast(null as string) as invoice_id,
    coalesce(invoice_issuer, 'Google Cloud') as invoice_issuer_name,
    {{ money('list_cost') }} as list_cost,
    list_unit_price,
    pricing_category,
    case when conversion_rate is not null then 'USD' end as pricing_currency,
    {{ gcp_in_dollars('contracted_unit_price', 'price') }}
        as pricing_currency_contracted_unit_price,
    {{ gcp_in_dollars('effective_cost', 'money') }} as pricing_currency_effective_cost,
    {{ gcp_in_dollars('list_unit_price', 'price') }} as pricing_currency_list_unit_price,
    {{ quantity('pricing_quantity') }} as pricing_quantity,
    case
        when pricing_quantity is null then null
        when source_part = 'unused_commitment' and commitment_category = 'Spend'
            then currency_code
        when block_size > 1
            then concat(cast(cast(block_size as bigint) as string), ' ', single_unit)
        else single_unit
    end as pricing_unit,
    region_id,
    case when region_id is not null then region_name end as region_name,
    {{ gcp_resource_id() }} as resource_id,
    case when {{ gcp_resource_id() }} is not null then resource_name end as resource_name,
    {{ gcp_resource_type(gcp_resource_id()) }} as resource_type,
    service_category,
    service_description as service_name,
    case when is_third_party then seller_name else 'Google Cloud' end as service_provider_name,
    service_subcategory,
    case when {{ gcp_has_sku() }} then sku_id end as sku_id,
    case when {{ gcp_has_sku() }} then sku_description end as sku_meter,
    case when {{ gcp_has_sku() }} and {{ gcp_sku_price_id() }} is not null
        then {{ gcp_sku_price_details() }} end as sku_price_details,
    case when {{ gcp_has_sku() }} then {{ gcp_sku_price_id() }} end as sku_price_id,
    project_id as sub_account_id,
    project_name as sub_account_name,
    case when project_id is not null then 'Project' end as sub_account_type,
    case when not is_plain_amount then tags end as tags,
    -- ours: lineage, and native facts that FOCUS has no column for
    source_name as x_source_name,
    source_kind as x_source_kind,
    billing_period as x_billing_period,
    cast(concat(billing_period, '-01') as date) as x_billing_month,
    source_file as x_source_file,
    source_row as x_source_row,
    source_part as x_source_part,
    nullif(concat_ws(';', part_change, row_changes), '') as x_source_changes,
    cost_type as x_charge_type,
    publisher_type as x_bill_type,
    service_id as x_service_code,
    cast(null as string) as x_usage_type,
    cast(null as string) as x_operation,
    machine_type as x_instance_type,
    cast(null as string) as x_product_family,
    cast(null as string) as x_principal_id,
    {{ no_map() }} as x_cost_categories,
    case when is_transfer_out then region_id end as x_from_region_id,
    case when is_transfer_in then region_id end as x_to_region_id,
    cast(null as decimal(38, 16)) as x_amortized_upfront_cost,
    coalesce(source_part = 'credit' and part_description like '%ree tier%', false)
        as x_is_free_tier,
    ancestor_path as x_sub_account_path,
    cast(null as string) as x_resource_group,
    model_id as x_model_id,
    token_direction as x_token_direction,
    token_cache_action as x_token_cache_action,
    cast(null as string) as x_credential_id,
    exported_at as x_exported_at,
    cast(null as bigint) as x_attribution_key
from charges
