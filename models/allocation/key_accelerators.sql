-- One row per source, billing period and attribution key of a machine with accelerators: which, how
-- many in the machine, with how much memory each, and who says so.
with keys as (

    select
        source_name,
        billing_period,
        attribution_key,
        x_instance_type as instance_type,
        case host_provider_name
            when 'AWS' then 'aws'
            when 'Microsoft' then 'azure'
            when 'Google Cloud' then 'gcp'
            when 'Oracle' then 'oci'
        end as provider,
        -- SageMaker puts ml. before the name of the machine.
        case
            when host_provider_name = 'AWS' and x_instance_type like 'ml.%'
                then substr(x_instance_type, 4)
            else x_instance_type
        end as machine_type,
        coalesce(
            {{ json_member_text('sku_price_details', 'x_AcceleratorModel') }},
            {{ json_member_text('sku_price_details', 'x_GpuModel') }}
        ) as stated_model,
        try_cast(coalesce(
            {{ json_member_text('sku_price_details', 'x_MachineAccelerators') }},
            {{ json_member_text('sku_price_details', 'GpuCount') }}
        ) as decimal(18, 6)) as stated_count,
        first_charge_at
    from {{ ref('attribution_keys') }}
    where
        x_instance_type is not null
        or sku_price_details like '%"GpuCount"%'
        or sku_price_details like '%"x_AcceleratorModel"%'
        or sku_price_details like '%"x_GpuModel"%'

),

families as (

    select distinct
        keys.provider,
        keys.machine_type
    from keys
    inner join {{ ref('accelerator_families') }} as families
        on keys.provider = families.provider
    where {{ text_matches_pattern('keys.machine_type', 'families.pattern') }}

)

select
    keys.source_name,
    keys.billing_period,
    keys.attribution_key,
    keys.instance_type,
    coalesce(accelerators.accelerator_model, keys.stated_model) as accelerator_model,
    coalesce(accelerators.accelerator_count, keys.stated_count) as accelerator_count,
    accelerators.accelerator_memory_gib,
    case
        when accelerators.accelerator_model is not null then 'instance_type'
        when keys.stated_model is not null then 'sku'
        else 'unknown'
    end as accelerator_source
from keys
left join {{ ref('accelerators') }} as accelerators
    on
        keys.provider = accelerators.provider
        and keys.machine_type = accelerators.instance_type
        and keys.first_charge_at >= {{ open_start('accelerators.valid_from') }}
        and keys.first_charge_at < {{ open_end('accelerators.valid_to') }}
left join families
    on keys.provider = families.provider and keys.machine_type = families.machine_type
where
    accelerators.instance_type is not null
    or families.machine_type is not null
    or keys.stated_model is not null
    or keys.stated_count > 0
