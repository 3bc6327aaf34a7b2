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

-- Product and region of a line come with its SKU where the line itself does not name them.
described as (

    select
        charges.*,
        {{ aws_native_unit() }} as native_unit,
        {{ map_key('coalesce(charges.resource_tags, charges.unified_tags)') }} as tag_set_key,
        skus.product_name,
        case when charges.sku_price_id is not null then skus.sku_price_details end
            as sku_price_details,
        {{ placeholder_to_null(
            'coalesce(charges.product_region_code, skus.product_region)',
            ['NA', 'N/A', 'global', 'Any']
        ) }} as region_id,
        -- Models sold through the marketplace belong with the service that serves them.
        case
            when charges.is_marketplace and skus.product_name like '%Bedrock%' then 'AmazonBedrock'
            else charges.product_code
        end as service_code
    from charges
    left join skus
        on
            charges.source_name = skus.source_name
            and charges.billing_period = skus.billing_period
            and charges.product_sku = skus.product_sku

),

labelled as (

    select
        described.*,
        -- NULL where the vocabulary lacks the service. What a marketplace product does, the bill
        -- does not tell: those are Other.
        coalesce(
            services.service_category, case when described.is_marketplace then 'Other' end
        ) as service_category,
        coalesce(
            services.service_subcategory,
            case when described.is_marketplace then 'Other (Other)' end
        ) as service_subcategory,
        described.is_marketplace and services.service_category is null as is_unknown_product,
        coalesce(
            case
                when described.service_code = described.product_code then services.service_name
            end,
            described.product_name,
            described.product_code,
            'AWS'
        ) as service_name,
        coalesce(regions.region_name, described.product_location, described.region_id)
            as region_name,
        case
            when described.charge_kind = 'sp_recurring_fee' and described.unused_cost is not null
                then described.currency_code
            else coalesce(units.pricing_unit, described.pricing_unit)
        end as focus_pricing_unit,
        coalesce(units.consumed_unit, described.pricing_unit) as focus_consumed_unit,
        units.block_size,
        tag_sets.tags,
        tag_sets.has_repeated_keys,
        pod_tag_sets.tags as pod_tags
    from described
    left join services on lower(described.service_code) = lower(services.service_code)
    left join regions on described.region_id = regions.region_id
    left join units on described.native_unit = units.native_unit
    left join tag_sets
        on
            described.source_name = tag_sets.source_name
            and described.billing_period = tag_sets.billing_period
            and described.tag_set_key = tag_sets.tag_set_key
    left join tag_sets as pod_tag_sets
        on
            described.source_name = pod_tag_sets.source_name
            and described.billing_period = pod_tag_sets.billing_period
            and described.pod_tag_set_key = pod_tag_sets.tag_set_key

)

select
    *,
    {{ repairs(
        usual={
            'list_cost_from_price': 'is_list_price_kept and list_product <> list_amount',
            'contracted_cost_from_price':
                'is_contracted_price_kept and contracted_product <> contracted_amount',
        },
        rare={
            'unknown_line_item_type': "charge_kind = 'unknown'",
            'effective_cost_missing': "effective_rule = 'covered' and used_cost is null",
            'commitment_missing':
                "effective_rule = 'zero' and billed_rule = 'amount' and commitment_id is null",
            'split_parent_missing': "charge_kind = 'split'",
            'split_line_has_cost':
                "charge_kind = 'usage' and split_parent_resource_id is not null",
            'list_cost_missing': 'stated_list_cost is null',
            'list_unit_price_dropped': 'list_rate is not null and not is_list_price_kept',
            'contracted_unit_price_dropped':
                'contracted_rate is not null and not is_contracted_price_kept',
            'unit_price_from_cost':
                'list_rate is null and list_unit_price is not null'
                ~ ' or contracted_rate is null and contracted_unit_price is not null',
            'sku_price_id_from_sku': 'rate_code is null and sku_price_id is not null',
            'pricing_unit_unmapped':
                'block_size is null and native_unit is not null and pricing_quantity is not null',
            'service_category_unmapped': 'service_category is null',
            'marketplace_category_unknown': 'is_unknown_product',
            'invoice_issuer_assumed': 'invoicing_entity is null',
            'reversed_interval': 'exclusive_end_at < usage_start_at',
            'empty_interval': 'exclusive_end_at is null or exclusive_end_at = usage_start_at',
            'inclusive_end': 'exclusive_end_at <> usage_end_at',
            'placeholder_removed':
                "resource_id in ('NA', 'N/A') or availability_zone in ('NA', 'N/A')"
                ~ " or product_region_code in ('NA', 'N/A')",
            'tag_key_repeated': 'has_repeated_keys',
        }
    ) }} as source_changes
from labelled
