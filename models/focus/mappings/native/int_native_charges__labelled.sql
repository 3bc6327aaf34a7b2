-- One row per charge of a native FOCUS export with prices that agree with costs, units in FOCUS
-- spelling, tags as maps, what AI prices are about, and the repairs made.
with charges as (

    select * from {{ ref('int_native_charges__identified') }}

),

units as (

    select * from {{ ref('focus_units') }} where provider = 'focus'

),

-- For exports that lack the category: FOCUS has always asked for it.
services as (

    select * from {{ ref('focus_service_categories') }} where provider = 'focus'

),

labelled as (

    select
        charges.*,
        coalesce(charges.service_category, services.service_category) as focus_service_category,
        case
            when charges.service_category is null then services.service_subcategory
            else charges.service_subcategory
        end as focus_service_subcategory,
        coalesce(pricing_units.pricing_unit, charges.pricing_unit) as focus_pricing_unit,
        coalesce(consumed_units.pricing_unit, charges.consumed_unit) as focus_consumed_unit,
        coalesce(commitment_units.pricing_unit, charges.commitment_discount_unit)
            as focus_commitment_unit,
        {{ native_price_holds('list_unit_price', 'list_cost') }} as is_list_price_kept,
        {{ native_price_holds('contracted_unit_price', 'contracted_cost') }}
            as is_contracted_price_kept,
        {{ tags_from_text('charges.tags') }} as tag_map,
        {{ tags_from_text('charges.allocated_tags') }} as allocated_tag_map,
        {{ tags_from_text('charges.cost_categories') }} as cost_category_map,
        not coalesce({{ json_has_only_keys(
            'charges.sku_price_details', conformance_sku_price_keys()
        ) }}, true) as has_own_sku_keys,
        {%- for key in ['ModelId', 'TokenDirection', 'TokenCacheAction', 'InstanceType'] %}
        case
            when position('{{ key }}' in charges.sku_price_details) > 0
                then coalesce(
                    {{ json_member_text('charges.sku_price_details', key) }},
                    {{ json_member_text('charges.sku_price_details', 'x_' ~ key) }}
                )
        end as sku_{{ key | lower }},
        {%- endfor %}
        coalesce(charges.effective_cost, charges.billed_cost) as known_effective_cost
    from charges
    left join units as pricing_units on lower(charges.pricing_unit) = pricing_units.native_unit
    left join units as consumed_units on lower(charges.consumed_unit) = consumed_units.native_unit
    left join units as commitment_units
        on lower(charges.commitment_discount_unit) = commitment_units.native_unit
    left join services on lower(charges.service_name) = lower(services.service_code)

)

select
    *,
    case
        when has_own_sku_keys
            then {{ json_with_own_keys_marked(
                'sku_price_details', conformance_sku_price_keys()
            ) }}
        when sku_price_details <> '{}' then sku_price_details
    end as focus_sku_price_details,
    {{ repairs(
        usual={
            'provider_renamed': 'service_provider_name is null and offering_name is not null',
            'host_from_provider': 'hosting_name is null and host_name is not null',
        },
        rare={
            'effective_cost_missing': 'effective_cost is null',
            'seller_from_publisher': 'is_resold',
            'seller_from_issuer':
                'serving_name is null and offering_name is null and seller_name is not null',
            'provider_respelled':
                'provider_name <> offering_name or publisher_name <> publishing_name'
                ~ ' or service_provider_name <> serving_name or host_provider_name <> hosting_name',
            'stand_in_removed': 'has_stand_in',
            'value_respelled': 'has_respelled_value',
            'service_category_from_vocabulary':
                'service_category is null and focus_service_category is not null',
            'unit_respelled':
                'pricing_unit <> focus_pricing_unit or consumed_unit <> focus_consumed_unit'
                ~ ' or commitment_discount_unit <> focus_commitment_unit',
            'list_unit_price_dropped': 'not is_list_price_kept',
            'contracted_unit_price_dropped': 'not is_contracted_price_kept',
            'tags_unreadable':
                '(tags is not null and tag_map is null)'
                ~ ' or (allocated_tags is not null and allocated_tag_map is null)',
            'tags_reshaped':
                "left(ltrim(tags), 1) <> '{' or left(ltrim(allocated_tags), 1) <> '{'",
            'sku_keys_marked': 'has_own_sku_keys',
            'billing_period_end_missing': 'billing_period_end is null',
            'reversed_interval': 'exclusive_end_at < charge_period_start',
            'empty_interval':
                'exclusive_end_at is null or exclusive_end_at = charge_period_start',
            'inclusive_end': 'exclusive_end_at <> charge_period_end'
                ~ ' or period_end_at <> billing_period_end',
        }
    ) }} as source_changes
from labelled
