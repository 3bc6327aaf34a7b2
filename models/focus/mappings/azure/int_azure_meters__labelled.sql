-- One row per meter, place and seller in a source and billing period: its keys, its unit, and the
-- model and tokens that it counts, of which AI meters tell only in abbreviations.
with meters as (

    select * from {{ ref('int_azure_meters__described') }}

),

recognised as (

    select
        *,
        lower(meter_name) as plain_name,
        case
            when model_service is not null and {{ azure_is_model_meter() }}
                then {{ azure_model_of_meter('meter_name') }}
        end as model_id,
        model_service is not null and {{ azure_is_token_meter() }} as is_token_meter
    from meters

),

-- Cached before input: "cached Inp" is both.
tokens as (

    select
        *,
        case when is_token_meter then {{ azure_cache_action('plain_name') }} end as cache_action,
        case
            when is_token_meter then {{ azure_token_direction('plain_name') }}
        end as token_direction
    from recognised

)

select
    source_name,
    billing_period,
    label_key,
    service_name,
    service_category,
    service_subcategory,
    is_unknown_product,
    is_unknown_region,
    is_marketplace,
    type_code,
    region_id,
    region_name,
    native_unit,
    block_size,
    is_counted_in_blocks,
    case
        when token_direction is null then pricing_unit
        when block_size = 1 then 'Tokens'
        else concat(cast(block_size as string), ' Tokens')
    end as pricing_unit,
    case when token_direction is null then consumed_unit else 'Tokens' end as consumed_unit,
    model_id,
    token_direction,
    cache_action,
    coalesce(
        product_id, case when has_meter then meter_id end, part_number, plan_name, product_name,
        meter_name, meter_category
    ) as sku_id,
    concat_ws(
        '_',
        coalesce(
            product_id, case when has_meter then meter_id end, part_number, plan_name,
            product_name, meter_name, meter_category
        ),
        part_number,
        case when product_id is not null and has_meter then meter_id end,
        offer_id
    ) as sku_price_id,
    lower(concat(
        coalesce(meter_id, ''), '|', coalesce(part_number, product_id, '')
    )) as price_key,
    {{ json_object([
        ('x_ModelId', json_string('model_id')),
        ('x_TokenDirection', json_string('token_direction')),
        ('x_TokenCacheAction', json_string('cache_action')),
    ]) }} as model_details,
    concat_ws(' / ', meter_sub_category, meter_name) as usage_type,
    meter_name,
    meter_category,
    product_name,
    product_order_name,
    consumed_service,
    publisher_name
from tokens
