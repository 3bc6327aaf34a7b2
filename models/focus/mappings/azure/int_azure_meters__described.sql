{# Exception to the folder: a narrow table. A bill has thousands of meters and millions of rows. #}
{{ config(
    materialized='incremental',
    pre_hook="{{ delete_queued('source_name', 'billing_period') }}"
) }}
{% set texts = [
    'native_charge_type', 'consumed_service', 'resource_type', 'resource_type_id', 'meter_category',
    'meter_sub_category', 'meter_name', 'meter_id', 'product_id', 'part_number', 'product_name',
    'product_order_name', 'plan_name', 'offer_id', 'unit_of_measure', 'resource_location',
    'location', 'meter_region', 'publisher_type', 'publisher_name', 'legacy_service_name',
] %}

-- One row per meter, place and seller in a source and billing period: what was sold, its service,
-- region, unit and keys.
with charges as (

    select * from {{ ref('int_azure_charges__classified') }}
    where {{ rebuild_predicate('source_name', 'billing_period') }}

),

services as (

    select * from {{ ref('focus_service_categories') }} where provider = 'azure'

),

region_names as (

    select * from {{ ref('azure_region_names') }}

),

regions as (

    select * from {{ ref('focus_regions') }} where provider = 'azure'

),

units as (

    select * from {{ ref('focus_units') }} where provider = 'azure'

),

meters as (

    select
        source_name,
        billing_period,
        label_key
        {%- for text in texts %},
        {{ azure_text('any_value(' ~ text ~ ')') }} as {{ text }}
        {%- endfor %},
        -- Some exports count blocks of the unit of measure, others single units: the cost tells.
        count_if({{ azure_is_counted_in_blocks() }}) * 2 > count_if(charged_cost <> 0)
            as is_counted_in_blocks
    from charges
    group by source_name, billing_period, label_key

),

keyed as (

    select
        *,
        lower(coalesce(resource_type_id, resource_type)) as type_code,
        concat('meter:', lower(coalesce(meter_category, legacy_service_name))) as meter_code,
        concat('model:', lower(split_part(product_name, ' - ', 1))) as product_code,
        concat('model:', lower(coalesce(meter_sub_category, meter_category))) as series_code,
        lower(trim(unit_of_measure)) as native_unit,
        lower(trim(coalesce(resource_location, location, meter_region))) as spelled_region,
        coalesce(publisher_type = 'Marketplace', false) as is_marketplace,
        coalesce(meter_id <> '00000000-0000-0000-0000-000000000000', false) as has_meter
    from meters

),

joined as (

    select
        keyed.*,
        coalesce(models.service_name, series.service_name) as model_service,
        coalesce(
            models.service_name, series.service_name,
            case when not keyed.is_marketplace then types.service_name end,
            case when not keyed.is_marketplace then categories.service_name end,
            -- Rounding, credits and refunds of an invoice belong to no service.
            case
                when
                    keyed.native_charge_type not in ('Usage', 'Purchase')
                    and keyed.meter_category is null
                    and keyed.type_code is null
                    then 'Microsoft Azure'
            end
        ) as known_service,
        regions.region_id,
        regions.region_name,
        units.pricing_unit,
        units.consumed_unit,
        units.block_size
    from keyed
    left join services as models on keyed.product_code = models.service_code
    left join services as series on keyed.series_code = series.service_code
    left join services as types on keyed.type_code = types.service_code
    left join services as categories on keyed.meter_code = categories.service_code
    left join region_names on keyed.spelled_region = region_names.spelling
    left join regions on region_names.region_id = regions.region_id
    left join units on keyed.native_unit = units.native_unit

),

classes as (

    select
        service_name,
        max(service_category) as service_category,
        max(service_subcategory) as service_subcategory
    from services
    group by service_name

)

select
    joined.*,
    coalesce(
        joined.known_service, case when joined.is_marketplace then joined.product_name end,
        joined.meter_category, joined.legacy_service_name, joined.publisher_name,
        joined.consumed_service, 'Microsoft Azure'
    ) as service_name,
    -- What a marketplace product does, the bill does not tell: those are Other.
    coalesce(
        classes.service_category, case when joined.is_marketplace then 'Other' end
    ) as service_category,
    coalesce(
        classes.service_subcategory, case when joined.is_marketplace then 'Other (Other)' end
    ) as service_subcategory,
    joined.is_marketplace and classes.service_category is null as is_unknown_product,
    joined.region_id is null
    and coalesce(joined.spelled_region, '') not in ({{ azure_no_regions() }}) as is_unknown_region
from joined
left join classes on joined.known_service = classes.service_name
