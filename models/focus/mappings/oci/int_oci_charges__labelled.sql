-- One row per OCI charge with its service, region, unit and resource, and its repairs.
with charges as (

    select * from {{ ref('int_oci_charges__priced') }}

),

services as (

    select * from {{ ref('focus_service_categories') }} where provider = 'oci'

),

regions as (

    select * from {{ ref('focus_regions') }} where provider = 'oci'

),

units as (

    select * from {{ ref('focus_units') }} where provider = 'oci'

),

labelled as (

    select
        charges.*,
        coalesce(services.service_name, charges.service_code) as service_name,
        services.service_category,
        services.service_subcategory,
        coalesce(regions.region_name, charges.region_id) as focus_region_name,
        regions.region_name is null and charges.region_id is not null as is_unknown_region,
        coalesce(units.pricing_unit, charges.billing_unit, charges.sku_unit_description)
            as focus_pricing_unit,
        coalesce(units.consumed_unit, charges.billing_unit, charges.sku_unit_description)
            as focus_consumed_unit,
        units.block_size,
        -- ocid1.<type>.<realm>.<region>.<unique>; buckets are <namespace>/<bucket>.
        case
            when charges.resource_id like 'ocid1.%' then split_part(charges.resource_id, '.', 2)
            when charges.service_code like 'OBJECT%' and charges.resource_id like '%/%'
                then 'bucket'
        end as stated_resource_type
    from charges
    left join services on lower(charges.service_code) = lower(services.service_code)
    left join regions on charges.region_id = regions.region_id
    left join units on charges.native_unit = units.native_unit

)

select
    *,
    case
        when resource_id is not null
            then coalesce(stated_resource_type, lower(coalesce(metered_resource, service_code)))
    end as resource_type,
    case
        when stated_resource_type = 'bucket' then split_part(resource_id, '/', -1)
    end as resource_name,
    usage_end_at is null or usage_end_at <= usage_start_at as is_empty_interval,
    {{ repairs(
        usual={
            'list_cost_missing': 'true',
            'contracted_cost_from_price': 'is_price_kept and price_product <> my_cost',
        },
        rare={
            'contracted_unit_price_from_cost':
                'not is_price_kept and contracted_unit_price is not null',
            'contracted_unit_price_dropped':
                'has_prices and unit_price is not null and contracted_unit_price is null',
            'unspecified_charge': "charge_kind = 'unspecified'",
            'pricing_unit_unmapped':
                'block_size is null and native_unit is not null and pricing_quantity is not null',
            'service_category_unmapped': 'service_category is null',
            'region_name_unmapped': 'is_unknown_region',
            'resource_type_assumed': 'resource_id is not null and stated_resource_type is null',
            'accelerator_count_unknown': 'is_gpu_line and gpu_count is null',
            'empty_interval': 'usage_end_at is null or usage_end_at <= usage_start_at',
        }
    ) }} as source_changes
from labelled
