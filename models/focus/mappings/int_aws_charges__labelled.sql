-- One row per FOCUS charge with its service, region, unit, SKU and tags, and its repairs.
with charges as (

    select * from {{ ref('int_aws_charges__identified') }}

),

services as (

    select * from {{ ref('focus_service_categories') }} where provider = 'aws'

),

regions as (

    select * from {{ ref('focus_regions') }} where provider = 'aws'

),

units as (

    select * from {{ ref('focus_units') }} where provider = 'aws'

),

tag_sets as (

    select * from {{ ref('int_aws_tags__normalised') }}

),

skus as (

    select * from {{ ref('int_aws_skus__described') }}

),

keyed as (

    select
        *,
        lower(service_code) as service_key,
        lower(pricing_unit) as native_unit,
        {{ map_key('coalesce(resource_tags, unified_tags)') }} as tag_set_key
    from charges

),

labelled as (

    select
        keyed.*,
        services.service_category,
        services.service_subcategory,
        coalesce(
            case when keyed.service_code = keyed.product_code then services.service_name end,
            keyed.product_attributes['product_name'],
            keyed.product_code,
            'AWS'
        ) as service_name,
        coalesce(regions.region_name, keyed.product_location, keyed.region_id) as region_name,
        case
            when keyed.charge_kind = 'sp_recurring_fee' and keyed.source_part = 'unused_commitment'
                then keyed.currency_code
            else coalesce(units.pricing_unit, keyed.pricing_unit)
        end as focus_pricing_unit,
        coalesce(units.consumed_unit, keyed.pricing_unit) as focus_consumed_unit,
        units.block_size,
        case when keyed.sku_price_id is not null then skus.sku_price_details end
            as sku_price_details,
        tag_sets.tags,
        tag_sets.has_repeated_keys,
        pod_tag_sets.tags as pod_tags
    from keyed
    left join services on keyed.service_key = lower(services.service_code)
    left join regions on keyed.region_id = regions.region_id
    left join units on keyed.native_unit = units.native_unit
    left join skus
        on
            keyed.source_name = skus.source_name
            and keyed.billing_period = skus.billing_period
            and keyed.product_sku = skus.product_sku
    left join tag_sets
        on
            keyed.source_name = tag_sets.source_name
            and keyed.billing_period = tag_sets.billing_period
            and keyed.tag_set_key = tag_sets.tag_set_key
    left join tag_sets as pod_tag_sets
        on
            keyed.source_name = pod_tag_sets.source_name
            and keyed.billing_period = pod_tag_sets.billing_period
            and keyed.pod_tag_set_key = pod_tag_sets.tag_set_key

)

select
    *,
    {{ repairs({
        'unknown_line_item_type': "charge_kind = 'unknown'",
        'effective_cost_missing': "effective_rule = 'covered' and used_cost is null",
        'split_parent_missing': "charge_kind = 'split'",
        'split_line_has_cost': "charge_kind = 'usage' and split_parent_resource_id is not null",
        'list_cost_from_price': 'is_list_price_kept and list_product <> list_amount',
        'list_unit_price_dropped': 'list_rate is not null and not is_list_price_kept',
        'list_cost_missing': 'stated_list_cost is null',
        'contracted_cost_from_price':
            'is_contracted_price_kept and contracted_product <> contracted_amount',
        'contracted_unit_price_dropped':
            'contracted_rate is not null and not is_contracted_price_kept',
        'pricing_unit_unmapped':
            'pricing_quantity is not null and native_unit is not null and block_size is null',
        'service_category_unmapped': 'service_category is null',
        'invoice_issuer_assumed': 'invoicing_entity is null',
        'reversed_interval': 'exclusive_end_at < usage_start_at',
        'empty_interval': 'exclusive_end_at is null or exclusive_end_at = usage_start_at',
        'inclusive_end': 'exclusive_end_at <> usage_end_at',
        'placeholder_removed':
            "resource_id in ('NA', 'N/A') or availability_zone in ('NA', 'N/A')"
            ~ " or product_region_code in ('NA', 'N/A')",
        'tag_key_repeated': 'has_repeated_keys',
    }) }} as source_changes
from labelled
