-- One row per source, billing period, attribution key of a machine with accelerators and policy:
-- which part of what the machine costs is that of its accelerators. The rest is the node's.
with machines as (

    select
        keys.source_name,
        keys.billing_period,
        keys.attribution_key,
        cast(accelerators.accelerator_count as double) as accelerators,
        try_cast({{ json_member_text('keys.sku_price_details', 'CoreCount') }} as double) as vcpus,
        try_cast({{ json_member_text('keys.sku_price_details', 'MemorySize') }} as double)
            as memory_gib
    from {{ ref('key_accelerators') }} as accelerators
    inner join {{ ref('attribution_keys') }} as keys
        on
            accelerators.source_name = keys.source_name
            and accelerators.billing_period = keys.billing_period
            and accelerators.attribution_key = keys.attribution_key

),

weighed as (

    select
        machines.source_name,
        machines.billing_period,
        machines.attribution_key,
        policies.policy,
        policies.is_default,
        policies.accelerator_share as fixed_share,
        {{ ratio(
            'policies.accelerator_weight * machines.accelerators',
            'policies.accelerator_weight * machines.accelerators'
            ~ ' + policies.vcpu_weight * machines.vcpus'
            ~ ' + policies.memory_gib_weight * machines.memory_gib'
        ) }} as weighed_share
    from machines
    cross join {{ ref('node_cost_policies') }} as policies

)

select
    source_name,
    billing_period,
    attribution_key,
    policy,
    is_default,
    cast(coalesce(fixed_share, weighed_share, 1) as decimal(13, 12)) as accelerator_share,
    case
        when fixed_share is not null then 'fixed'
        when weighed_share is not null then 'weighed'
        -- The bill does not say how many cores or how much memory: all of it counts.
        else 'size_unknown'
    end as share_basis
from weighed
