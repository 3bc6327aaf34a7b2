-- One row per source, billing period and attribution key: at which kind of price it is charged,
-- whether a commitment could cover it, and on what machine it runs.
with keys as (

    select
        source_name,
        billing_period,
        attribution_key,
        {{ inventory_provider('source_kind', 'service_provider_name', 'host_provider_name') }}
            as provider,
        billing_currency,
        sub_account_id,
        service_name,
        region_id,
        x_instance_type,
        coalesce(x_usage_type, sku_meter, '') as meter,
        sku_meter,
        coalesce(sku_meter, '') as any_meter,
        host_provider_name,
        commitment_discount_id,
        commitment_discount_status,
        capacity_reservation_status,
        case
            when commitment_discount_status = 'Unused' then 'unused_commitment'
            when commitment_discount_status = 'Used' then 'committed'
            when charge_category = 'Purchase' and commitment_discount_id is not null
                then 'commitment_fee'
            when charge_category = 'Purchase' and x_instance_type is not null
                then 'prepaid_fee'
            when charge_category = 'Adjustment' and list_cost = 0 then 'discount'
            when charge_category <> 'Usage' then 'other'
            when list_cost is null then 'no_list_price'
            when pricing_category = 'Dynamic' then 'spot'
            when capacity_reservation_status = 'Unused' then 'reserved_unused'
            when x_instance_type is not null and effective_cost = 0 and list_cost <> 0
                then 'prepaid'
            when capacity_reservation_status = 'Used' then 'reserved'
            else 'on_demand'
        end as price_class
    from {{ ref('attribution_keys') }}

),

-- Rules are tried on the distinct meters, not on the keys.
matches as (

    select
        meters.provider,
        meters.service_name,
        meters.meter,
        meters.any_meter,
        meters.has_machine,
        min(rules.programmes) as programmes
    from (
        select distinct
            provider, service_name, meter, any_meter, x_instance_type is not null as has_machine
        from keys
    ) as meters
    inner join {{ ref('commitment_eligibility') }} as rules
        on meters.provider = rules.provider and (meters.has_machine or not rules.needs_machine)
    where
        nullif(rules.programmes, '') is not null
        and {{ text_matches_pattern('meters.service_name', 'rules.service_pattern') }}
        and (
            {{ text_matches_pattern('meters.meter', 'rules.meter_pattern') }}
            or {{ text_matches_pattern('meters.any_meter', 'rules.meter_pattern') }}
        )
        and (
            nullif(rules.except_pattern, '') is null
            or not {{ text_matches_pattern('meters.any_meter', 'rules.except_pattern') }}
        )
    group by
        meters.provider,
        meters.service_name,
        meters.meter,
        meters.any_meter,
        meters.has_machine

),

known_providers as (

    select distinct provider from {{ ref('commitment_eligibility') }}

)

select
    keys.source_name,
    keys.billing_period,
    keys.attribution_key,
    keys.provider,
    keys.billing_currency,
    keys.sub_account_id,
    keys.service_name,
    keys.region_id,
    keys.x_instance_type as instance_type,
    {{ machine_family('keys.provider', 'keys.x_instance_type') }} as machine_family,
    accelerators.accelerator_model,
    accelerators.accelerator_count,
    accelerators.accelerator_memory_gib,
    accelerators.accelerator_source,
    keys.host_provider_name,
    keys.sku_meter,
    keys.commitment_discount_id,
    keys.commitment_discount_status,
    keys.capacity_reservation_status,
    keys.price_class,
    case
        when keys.price_class in ('committed', 'unused_commitment') then 'eligible'
        when keys.price_class not in ('on_demand', 'reserved', 'reserved_unused')
            then 'not_eligible'
        when matches.programmes is not null then 'eligible'
        when known_providers.provider is not null then 'not_eligible'
        else 'unknown'
    end as eligibility,
    matches.programmes,
    -- Whatever has a commitment, a reservation or a spot price, or could have one.
    keys.price_class in (
        'committed', 'spot', 'reserved', 'reserved_unused', 'prepaid', 'prepaid_fee'
    )
    or keys.price_class in ('on_demand', 'no_list_price') and (
        matches.programmes is not null
        or known_providers.provider is null
        and (keys.x_instance_type is not null or accelerators.attribution_key is not null)
    ) as is_in_coverage,
    keys.x_instance_type is not null or accelerators.attribution_key is not null as is_machine
from keys
left join {{ ref('key_accelerators') }} as accelerators
    on
        keys.source_name = accelerators.source_name
        and keys.billing_period = accelerators.billing_period
        and keys.attribution_key = accelerators.attribution_key
left join matches
    on
        keys.provider = matches.provider
        and keys.service_name = matches.service_name
        and keys.meter = matches.meter
        and keys.any_meter = matches.any_meter
        and (keys.x_instance_type is not null) = matches.has_machine
left join known_providers on keys.provider = known_providers.provider
