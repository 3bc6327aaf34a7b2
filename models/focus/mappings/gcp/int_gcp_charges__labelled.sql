-- One row per FOCUS charge with its service, region, unit, SKU and labels, and its repairs.
with charges as (

    select
        *,
        lower(pricing_unit) as native_unit
    from {{ ref('int_gcp_charges__priced') }}

),

services as (

    select * from {{ ref('focus_service_categories') }} where provider = 'gcp'

),

regions as (

    select * from {{ ref('focus_regions') }} where provider = 'gcp'

),

units as (

    select * from {{ ref('focus_units') }} where provider = 'gcp'

),

label_sets as (

    select * from {{ ref('int_gcp_labels__resolved') }}

),

skus as (

    select * from {{ ref('int_gcp_skus__described') }}

),

issuers as (

    select * from {{ ref('int_gcp_issuers__named') }}

),

machines as (

    select * from {{ ref('gcp_machine_types') }}

),

labelled as (

    select
        charges.*,
        -- NULL where the vocabulary lacks the service. What a marketplace product does, the bill
        -- does not tell: those are Other.
        coalesce(services.service_category, case when charges.is_third_party then 'Other' end)
            as service_category,
        coalesce(
            services.service_subcategory, case when charges.is_third_party then 'Other (Other)' end
        ) as service_subcategory,
        charges.is_third_party and services.service_category is null as is_unknown_product,
        coalesce(regions.region_name, charges.region_id) as region_name,
        issuers.invoice_issuer,
        skus.model_id,
        skus.token_direction,
        skus.token_cache_action,
        skus.is_gpu_sku,
        skus.is_transfer_out,
        skus.is_transfer_in,
        label_sets.tags,
        label_sets.has_repeated_keys,
        label_sets.machine_type,
        label_sets.is_unused_reservation,
        label_sets.cluster_name,
        label_sets.namespace,
        label_sets.workload,
        label_sets.cluster_tags,
        label_sets.ancestor_path,
        coalesce(label_sets.core_count, cast(machines.vcpu as string)) as core_count,
        case
            when label_sets.memory_mib is not null
                then cast({{ ratio('try_cast(label_sets.memory_mib as decimal(18, 4))', '1024') }}
                    as string)
            else cast(machines.memory_gib as string)
        end as memory_gib,
        machines.accelerator_model,
        machines.accelerator_count,
        machines.accelerator_kind,
        units.pricing_unit is not null as has_unit,
        -- Tokens are counted as such only in their SKU's words.
        case
            when skus.token_direction is not null and units.pricing_unit = 'Count' then 'Tokens'
            else coalesce(units.pricing_unit, charges.pricing_unit)
        end as single_unit
    from charges
    left join services on charges.service_description = services.service_code
    left join regions on charges.region_id = regions.region_id
    left join units on charges.native_unit = units.native_unit
    left join label_sets
        on
            charges.source_name = label_sets.source_name
            and charges.billing_period = label_sets.billing_period
            and charges.label_key = label_sets.label_key
    left join skus
        on
            charges.source_name = skus.source_name
            and charges.billing_period = skus.billing_period
            and charges.sku_key = skus.sku_key
    left join issuers
        on
            charges.source_name = issuers.source_name
            and charges.billing_period = issuers.billing_period
            and charges.billing_account_id = issuers.billing_account_id
    left join machines on label_sets.machine_type = machines.machine_type

)

select
    *,
    {{ repairs(
        usual={
            'list_cost_from_price':
                "is_list_price_kept and list_origin = 'bill' and list_product <> stated_list_cost",
            'contracted_cost_from_price':
                'is_contracted_price_kept and contracted_product <> stated_contracted_cost',
        },
        rare={
            'unknown_cost_type': "charge_kind = 'unknown'",
            'list_cost_missing': "list_origin = 'cost'",
            'list_cost_from_price_list': "list_origin = 'price'",
            'list_unit_price_dropped': 'list_rate is not null and not is_list_price_kept',
            'contracted_unit_price_dropped':
                'contracted_rate is not null and not is_contracted_price_kept',
            'pricing_unit_unmapped':
                'not has_unit and native_unit is not null and pricing_quantity is not null',
            'service_category_unmapped': 'service_category is null',
            'marketplace_category_unknown': 'is_unknown_product',
            'region_from_zone': 'is_zone_in_region',
            'invoice_issuer_assumed': 'invoice_issuer is null',
            'tag_key_repeated': 'has_repeated_keys',
            'reversed_interval': 'usage_end_at < usage_start_at',
            'empty_interval': 'usage_end_at = usage_start_at',
        }
    ) }} as row_changes
from labelled
