-- One row per cost result of any AI vendor with its service, region, SKU and its repairs.
with charges as (

    select * from {{ ref('int_vendor_charges__priced') }}

),

services as (

    select * from {{ ref('focus_service_categories') }} where service_code = 'api'

),

regions as (

    select * from {{ ref('focus_regions') }}

),

labelled as (

    select
        charges.*,
        services.service_name,
        services.service_category,
        services.service_subcategory,
        regions.region_id,
        regions.region_name,
        case when charges.charge_category <> 'Tax' then charges.sku_id end as sold_sku_id,
        case when charges.charge_category <> 'Tax' and charges.sku_id is not null then concat_ws(
            '/', charges.sku_id, charges.service_tier, charges.context_window,
            charges.inference_geo
        ) end as sold_sku_price_id
    from charges
    left join services on charges.provider = services.provider
    left join regions
        on charges.provider = regions.provider and charges.inference_geo = regions.region_id

)

select
    *,
    {{ json_object([
        ('x_ModelId', json_string('model_id')),
        ('x_TokenDirection', json_string('token_direction')),
        ('x_TokenCacheAction', json_string('token_cache_action')),
        ('x_ServiceTier', json_string('service_tier')),
        ('x_ContextWindow', json_string('context_window')),
        ('x_InferenceGeo', json_string('inference_geo')),
    ]) }} as sku_price_details,
    {{ repairs(
        usual={
            'currency_capitalised': 'is_currency_changed',
            'list_price_unknown': "charge_category = 'Usage' and list_product is null",
        },
        rare={
            'contracted_cost_from_price': 'contracted_cost <> charged_cost',
            'usage_missing': "quantity_state = 'no_usage'",
            'usage_not_separable': "quantity_state = 'not_separable'",
            'line_item_missing': "charge_kind = 'unattributed'",
            'unknown_line_item': "charge_kind = 'unknown'",
            'default_workspace': 'is_default_group',
        }
    ) }} as source_changes
from labelled
