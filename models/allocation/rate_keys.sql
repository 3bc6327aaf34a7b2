-- One row per source, billing period and attribution key: at which kind of price it is charged,
-- whether a commitment could cover it, and on what machine it runs.
with prepaid as (

    -- Who pays for machine time in advance, and for which machines.
    select distinct source_name, sub_account_id, x_instance_type as instance_type
    from {{ ref('attribution_keys') }}
    where charge_category = 'Purchase' and commitment_discount_id is null

),

keys as (

    select
        billed.source_name,
        billed.billing_period,
        billed.attribution_key,
        {{ inventory_provider(
            'billed.source_kind', 'billed.service_provider_name', 'billed.host_provider_name'
        ) }} as provider,
        billed.billing_currency,
        billed.sub_account_id,
        billed.service_name,
        billed.region_id,
        billed.x_instance_type,
        coalesce(billed.x_usage_type, billed.sku_meter, '') as usage_text,
        billed.sku_meter,
        coalesce(billed.sku_meter, '') as sku_text,
        billed.host_provider_name,
        coalesce(
            billed.commitment_discount_id,
            case when billed.commitment_discount_status is not null then 'unknown' end
        ) as commitment_discount_id,
        billed.commitment_discount_status,
        billed.capacity_reservation_status,
        case
            when billed.commitment_discount_status = 'Unused' then 'unused_commitment'
            when billed.commitment_discount_status = 'Used' then 'committed'
            when billed.charge_category = 'Purchase' and billed.commitment_discount_id is not null
                then 'commitment_fee'
            when billed.charge_category = 'Purchase' and billed.x_instance_type is not null
                then 'prepaid_fee'
            when billed.charge_category = 'Adjustment' and billed.list_cost = 0 then 'discount'
            when billed.charge_category <> 'Usage' then 'other'
            when billed.list_cost is null then 'no_list_price'
            when billed.pricing_category = 'Dynamic' then 'spot'
            when billed.capacity_reservation_status = 'Unused' then 'reserved_unused'
            when
                billed.effective_cost = 0 and billed.list_cost <> 0
                and prepaid.source_name is not null
                then 'prepaid'
            when billed.capacity_reservation_status = 'Used' then 'reserved'
            else 'on_demand'
        end as price_class
    from {{ ref('attribution_keys') }} as billed
    left join prepaid
        on
            billed.source_name = prepaid.source_name
            and billed.sub_account_id = prepaid.sub_account_id
            and billed.x_instance_type = prepaid.instance_type

),

-- Rules are tried on the distinct meters, not on the keys.
matches as (

    select
        meters.provider,
        meters.service_name,
        meters.usage_text,
        meters.sku_text,
        meters.has_machine,
        min(rules.programmes) as programmes
    from (
        select distinct
            provider, service_name, usage_text, sku_text, x_instance_type is not null as has_machine
        from keys
    ) as meters
    inner join {{ ref('commitment_eligibility') }} as rules
        on meters.provider = rules.provider and (meters.has_machine or not rules.needs_machine)
    where
        nullif(rules.programmes, '') is not null
        and {{ text_matches_pattern('meters.service_name', 'rules.service_pattern') }}
        and (
            {{ text_matches_pattern('meters.usage_text', 'rules.meter_pattern') }}
            or {{ text_matches_pattern('meters.sku_text', 'rules.meter_pattern') }}
        )
        and (
            nullif(rules.except_pattern, '') is null
            or not {{ text_matches_pattern('meters.sku_text', 'rules.except_pattern') }}
        )
    group by
        meters.provider,
        meters.service_name,
        meters.usage_text,
        meters.sku_text,
        meters.has_machine

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
        and keys.usage_text = matches.usage_text
        and keys.sku_text = matches.sku_text
        and (keys.x_instance_type is not null) = matches.has_machine
left join (
    select distinct provider from {{ ref('commitment_eligibility') }}
) as known_providers on keys.provider = known_providers.provider
