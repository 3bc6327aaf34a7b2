-- One row per source, billing period and attribution key that moves data: how it is classed, which
-- way it goes, from where to where. Rules are tried once per distinct text of what is sold.
with keys as (

    select
        source_name,
        billing_period,
        attribution_key,
        coalesce(host_provider_name, service_provider_name) as provider_name,
        {{ inventory_provider('source_kind', 'service_provider_name', 'host_provider_name') }}
            as provider,
        concat_ws(' | ', service_name, x_service_code, x_product_family) as service_text,
        -- Descriptions may be different for every charge, so they count only where they have to.
        case
            when x_usage_type is null then concat_ws(' | ', sku_meter, charge_description)
            else x_usage_type
        end as sku_text,
        coalesce(x_operation, '') as operation_text,
        coalesce(region_id, x_from_region_id) as near_region_id,
        x_to_region_id as far_region_id
    from {{ ref('attribution_keys') }}

),

sold as (

    select distinct provider_name, provider, service_text, sku_text, operation_text from keys

),

ruled as (

    select
        sold.*,
        rules.rule as transfer_rule,
        rules.transfer_class,
        rules.direction,
        rules.near_place,
        rules.far_place,
        {{ text_captured('sold.sku_text', 'rules.far_region_pattern') }} as far_region
    from sold
    inner join {{ ref('transfer_rules') }} as rules
        on
            coalesce(rules.provider_name, sold.provider_name) = sold.provider_name
            and {{ text_matches_pattern('sold.sku_text', "coalesce(rules.sku_pattern, '')") }}
            and {{ text_matches_pattern(
                'sold.service_text', "coalesce(rules.service_pattern, '')"
            ) }}
            and {{ text_matches_pattern(
                'sold.operation_text', "coalesce(rules.operation_pattern, '')"
            ) }}
    qualify
        row_number() over (
            partition by
                sold.provider_name,
                sold.provider,
                sold.service_text,
                sold.sku_text,
                sold.operation_text
            order by rules.position
        ) = 1

),

ends as (

    select
        keys.source_name,
        keys.billing_period,
        keys.attribution_key,
        ruled.transfer_rule,
        ruled.transfer_class,
        ruled.direction,
        classes.is_egress and ruled.direction = 'out' as is_egress,
        classes.counts_gigabytes,
        keys.provider as near_provider,
        ruled.near_place,
        case
            when ruled.near_place in ('region', 'zone')
                then coalesce(keys.near_region_id, 'unknown')
        end as near_region_id,
        case
            when ruled.far_place in ('internet', 'on_prem') then 'outside'
            when ruled.far_place in ('cloud', 'unknown') then 'unknown'
            when ruled.far_place <> 'none' then keys.provider
        end as far_provider,
        case ruled.far_place when 'same_region' then 'region' else ruled.far_place end as far_place,
        case
            when ruled.far_place in ('zone', 'same_region')
                then coalesce(keys.near_region_id, 'unknown')
            when ruled.far_place = 'region' and ruled.transfer_class = 'inter_region'
                then coalesce(
                    places.region_id, keys.far_region_id, ruled.far_region, 'unknown'
                )
            when ruled.far_place = 'region' then coalesce(keys.near_region_id, 'unknown')
        end as far_region_id
    from keys
    inner join ruled
        on
            keys.provider_name = ruled.provider_name
            and keys.provider = ruled.provider
            and keys.service_text = ruled.service_text
            and keys.sku_text = ruled.sku_text
            and keys.operation_text = ruled.operation_text
    inner join {{ ref('transfer_classes') }} as classes
        on ruled.transfer_class = classes.transfer_class
    left join {{ ref('transfer_places') }} as places
        on keys.provider = places.provider and ruled.far_region = places.place

)

-- The near end is where the charge is; what comes in goes from the far end to it.
select
    source_name,
    billing_period,
    attribution_key,
    transfer_rule,
    transfer_class,
    direction,
    is_egress,
    counts_gigabytes,
    {%- for end, incoming, outgoing in [('from', 'far', 'near'), ('to', 'near', 'far')] %}
    {%- for column in ['provider', 'place', 'region_id'] %}
    case direction when 'in' then {{ incoming }}_{{ column }} else {{ outgoing }}_{{ column }} end
        as {{ end }}_{{ column }}{{ ',' if not (loop.last and end == 'to') }}
    {%- endfor %}
    {%- endfor %}
from ends
