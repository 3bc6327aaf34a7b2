-- One row per node and hour of an on-prem cluster in FOCUS 1.4 shape, used or not. Nobody invoices
-- it: billed cost is 0, effective cost what the node-hour costs by the company's own rate card.
with node_hours as (

    select * from {{ ref('int_on_prem_hours__accrued') }}

),

services as (

    select * from {{ ref('focus_service_categories') }}
    where provider = 'on_prem' and service_code = 'accelerator_nodes'

)

select
    -- FOCUS 1.4
    cast(null as string) as allocated_method_details,
    cast(null as string) as allocated_method_id,
    cast(null as string) as allocated_resource_id,
    cast(null as string) as allocated_resource_name,
    {{ no_map() }} as allocated_tags,
    cast(null as string) as availability_zone,
    {{ money('0') }} as billed_cost,
    node_hours.billing_account_id,
    cast(null as string) as billing_account_name,
    'Company' as billing_account_type,
    node_hours.currency_code as billing_currency,
    cast(concat(node_hours.billing_period, '-01') as timestamp) + interval 1 month
        as billing_period_end,
    cast(concat(node_hours.billing_period, '-01') as timestamp) as billing_period_start,
    cast(null as string) as capacity_reservation_id,
    cast(null as string) as capacity_reservation_status,
    'Usage' as charge_category,
    cast(null as string) as charge_class,
    concat_ws(
        ' ',
        node_hours.node_name,
        'for one hour, used or not:',
        node_hours.node_hour_text,
        node_hours.currency_code
    ) as charge_description,
    'Recurring' as charge_frequency,
    node_hours.hour_ended_at as charge_period_end,
    node_hours.hour_started_at as charge_period_start,
    cast(null as string) as commitment_discount_category,
    cast(null as string) as commitment_discount_id,
    cast(null as string) as commitment_discount_name,
    cast(null as decimal(38, 12)) as commitment_discount_quantity,
    cast(null as string) as commitment_discount_status,
    cast(null as string) as commitment_discount_type,
    cast(null as string) as commitment_discount_unit,
    cast(null as string) as commitment_program_eligibility_details,
    {{ quantity('1') }} as consumed_quantity,
    'Hours' as consumed_unit,
    cast(null as string) as contract_applied,
    node_hours.hour_cost as contracted_cost,
    cast(node_hours.node_hour_cost as decimal(38, 18)) as contracted_unit_price,
    node_hours.hour_cost as effective_cost,
    node_hours.company as host_provider_name,
    cast(null as string) as invoice_detail_id,
    cast(null as string) as invoice_id,
    node_hours.company as invoice_issuer_name,
    node_hours.hour_cost as list_cost,
    cast(node_hours.node_hour_cost as decimal(38, 18)) as list_unit_price,
    'Standard' as pricing_category,
    node_hours.currency_code as pricing_currency,
    cast(node_hours.node_hour_cost as decimal(38, 18)) as pricing_currency_contracted_unit_price,
    node_hours.hour_cost as pricing_currency_effective_cost,
    cast(node_hours.node_hour_cost as decimal(38, 18)) as pricing_currency_list_unit_price,
    {{ quantity('1') }} as pricing_quantity,
    'Hours' as pricing_unit,
    node_hours.site_id as region_id,
    coalesce(node_hours.site_name, node_hours.site_id) as region_name,
    concat(node_hours.cluster_name, '/', node_hours.node_name) as resource_id,
    node_hours.node_name as resource_name,
    'node' as resource_type,
    services.service_category,
    services.service_name,
    node_hours.company as service_provider_name,
    services.service_subcategory,
    concat(node_hours.cluster_name, '/', node_hours.node_pool) as sku_id,
    'Node hours, used or not' as sku_meter,
    {{ json_object([
        ('GpuCount', plain_number('node_hours.accelerators_per_node')),
        ('InstanceType', json_string('node_hours.machine_type')),
        ('x_AcceleratorModel', json_string('node_hours.accelerator_model')),
    ]) }} as sku_price_details,
    -- Months differ in hours, and so does the price of an hour of what is paid by month.
    concat_ws(
        '/',
        node_hours.cluster_name,
        node_hours.node_pool,
        node_hours.valid_from,
        node_hours.billing_period
    ) as sku_price_id,
    node_hours.cluster_name as sub_account_id,
    node_hours.cluster_name as sub_account_name,
    'Cluster' as sub_account_type,
    case when cardinality(node_hours.tags) > 0 then node_hours.tags end as tags,
    -- ours: lineage, and native facts that FOCUS has no column for
    node_hours.source_name as x_source_name,
    node_hours.source_kind as x_source_kind,
    node_hours.billing_period as x_billing_period,
    cast(concat(node_hours.billing_period, '-01') as date) as x_billing_month,
    node_hours.source_file as x_source_file,
    node_hours.source_row as x_source_row,
    'accrued_hour' as x_source_part,
    cast(null as string) as x_source_changes,
    'Accrual' as x_charge_type,
    cast(null as string) as x_bill_type,
    'accelerator_nodes' as x_service_code,
    node_hours.node_pool as x_usage_type,
    cast(null as string) as x_operation,
    node_hours.machine_type as x_instance_type,
    cast(null as string) as x_product_family,
    cast(null as string) as x_principal_id,
    {{ no_map() }} as x_cost_categories,
    cast(null as string) as x_from_region_id,
    cast(null as string) as x_to_region_id,
    cast(null as decimal(38, 16)) as x_amortized_upfront_cost,
    cast(null as boolean) as x_is_free_tier,
    cast(null as string) as x_sub_account_path,
    node_hours.node_pool as x_resource_group,
    cast(null as string) as x_model_id,
    cast(null as string) as x_token_direction,
    cast(null as string) as x_token_cache_action,
    cast(null as string) as x_credential_id,
    cast(null as timestamp) as x_exported_at,
    cast(null as bigint) as x_attribution_key
from node_hours
cross join services
