-- One row per FOCUS charge of an Azure bill with its meter, machine, tags and commitment.
with charges as (

    select * from {{ ref('int_azure_charges__costed') }}

),

meters as (

    select * from {{ ref('int_azure_meters__labelled') }}

),

details as (

    select * from {{ ref('int_azure_details__parsed') }}

),

tag_sets as (

    select * from {{ ref('int_azure_tags__normalised') }}

),

commitments as (

    select * from {{ ref('int_azure_commitments__collected') }}

)

select
    charges.source_name,
    charges.source_kind,
    charges.billing_period,
    charges.source_file,
    charges.source_row,
    charges.source_part,
    charges.dataset,
    charges.has_actual,
    charges.has_amortized,
    charges.native_charge_type,
    charges.charge_kind,
    charges.charge_category,
    charges.charge_class,
    charges.charge_frequency,
    charges.price_rule,
    charges.commitment_status,
    charges.commitment_id,
    charges.pricing_category,
    charges.payer_id,
    charges.billing_account_id,
    charges.billing_account_name,
    charges.billing_profile_id,
    charges.billing_profile_name,
    charges.invoice_section_name,
    charges.account_name,
    charges.subscription_id,
    charges.subscription_name,
    charges.customer_name,
    charges.partner_name,
    charges.invoice_id,
    charges.billing_currency,
    charges.pricing_currency,
    charges.exchange_rate,
    charges.invoice_period_start as billing_period_start,
    charges.invoice_period_last_day,
    charges.charge_date,
    charges.term,
    charges.billed_cost,
    charges.effective_cost,
    charges.charged_cost,
    charges.cost_in_pricing_currency,
    charges.payg_cost_in_billing_currency,
    charges.unit_price,
    charges.payg_price,
    charges.quantity,
    charges.unit_of_measure,
    charges.plain_resource_id,
    charges.resource_name,
    charges.resource_group,
    charges.resource_type_id,
    charges.difference_cost,
    meters.service_name,
    meters.service_category,
    meters.service_subcategory,
    meters.is_unknown_product,
    meters.is_unknown_region,
    meters.is_marketplace,
    meters.type_code,
    meters.region_id,
    meters.region_name,
    meters.block_size,
    meters.is_counted_in_blocks,
    meters.pricing_unit,
    meters.consumed_unit,
    meters.model_id,
    meters.token_direction,
    meters.cache_action,
    meters.model_details,
    meters.sku_id,
    meters.sku_price_id,
    meters.price_key,
    meters.usage_type,
    meters.meter_name,
    meters.meter_category,
    meters.product_name,
    meters.product_order_name,
    meters.consumed_service,
    meters.publisher_name,
    details.instance_type,
    details.operation,
    details.capacity_reservation_id,
    details.normalization_ratio,
    details.sku_price_details as machine_details,
    tag_sets.tags,
    tag_sets.cost_categories,
    coalesce(tag_sets.is_unreadable, false) as has_unreadable_tags,
    commitments.commitment_name,
    commitments.recurring_fee_cost
from charges
left join meters
    on
        charges.source_name = meters.source_name
        and charges.billing_period = meters.billing_period
        and charges.label_key = meters.label_key
left join details
    on
        charges.source_name = details.source_name
        and charges.billing_period = details.billing_period
        and charges.detail_key = details.detail_key
        and charges.additional_info is not null
left join tag_sets
    on
        charges.source_name = tag_sets.source_name
        and charges.billing_period = tag_sets.billing_period
        and charges.tag_set_key = tag_sets.tag_set_key
left join commitments
    on
        charges.source_name = commitments.source_name
        and charges.billing_period = commitments.billing_period
        and charges.payer_id = commitments.payer_id
        and charges.billing_currency = commitments.billing_currency
        and charges.commitment_id = commitments.commitment_id
