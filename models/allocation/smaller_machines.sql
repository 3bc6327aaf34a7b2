-- One row per month and machine for which a cheaper type of the same provider and region would have
-- done: memory for its fullest accelerator, pace for its busiest, one accelerator for each that
-- worked.
with machines as (

    select * from {{ ref('sized_machines') }}

),

specs as (

    select *, count(*) over (partition by accelerator_model) as sizes
    from {{ ref('accelerator_specs') }}

),

types as (

    select
        prices.provider,
        prices.region_id,
        prices.instance_type,
        prices.accelerator_count,
        prices.hourly_price,
        specs.accelerator_model,
        specs.memory_gib,
        specs.vendor,
        specs.has_bf16,
        specs.dense_16bit_tflops
    from {{ ref('accelerator_prices') }} as prices
    inner join specs
        on {{ is_spec_of(
            'specs', accelerator_base_name('prices.accelerator_model'),
            'prices.accelerator_memory_gib'
        ) }}
    inner join {{ ref('reporting_currency') }} as policy
        on prices.currency = policy.reporting_currency
    where prices.purchase_option = 'on_demand'
    qualify
        row_number() over (
            partition by prices.provider, prices.region_id, prices.instance_type
            order by prices.valid_from desc nulls last
        ) = 1

)

select
    machines.usage_month,
    machines.provider,
    machines.resource_key,
    types.instance_type,
    types.accelerator_model,
    types.accelerator_count,
    {{ ratio('types.hourly_price', 'coalesce(own.hourly_price, machines.list_price)') }}
        as price_ratio
from machines
inner join types
    on machines.provider = types.provider and machines.region_id = types.region_id
left join types as own
    on
        machines.provider = own.provider
        and machines.region_id = own.region_id
        and machines.instance_type = own.instance_type
where
    machines.unknown_because is null
    and types.hourly_price < coalesce(own.hourly_price, machines.list_price)
    and types.accelerator_count >= greatest(machines.accelerators_used, 1)
    and types.memory_gib * 1024
    >= machines.peak_memory_mib * (1 + {{ gpu_saving_parameter('memory_headroom') }})
    and (
        (
            types.accelerator_model = machines.accelerator_model
            and types.memory_gib = machines.memory_gib
        )
        -- Of another maker programs are others; without BF16 they may not run.
        or types.vendor = machines.vendor
        and (types.has_bf16 or not machines.has_bf16)
        and types.dense_16bit_tflops * (1 - {{ gpu_saving_parameter('compute_headroom') }})
        >= machines.p95_utilisation_ratio * machines.dense_16bit_tflops
    )
qualify
    row_number() over (
        partition by machines.usage_month, machines.provider, machines.resource_key
        order by types.hourly_price, types.instance_type
    ) = 1
