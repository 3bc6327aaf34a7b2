-- One row per source, billing period, attribution key of a machine and hour: how long it and its
-- accelerators were billed, what that cost, and the name under which others know the machine.
select
    charges.source_name,
    charges.billing_period,
    charges.attribution_key,
    charges.hour_start,
    resources.provider,
    -- Shares of a machine that the bill gives to pods are hours of the machine.
    case
        when keys.allocated_resource_id is null then resources.resource_key
        else {{ resource_key('resources.provider', 'keys.resource_id') }}
    end as resource_key,
    resources.billing_currency,
    charges.machine_hours,
    {{ accelerator_hours(
        'accelerators.accelerator_source', 'accelerators.accelerator_count',
        'keys.host_provider_name', 'keys.sku_meter', 'charges.machine_hours', 'charges.gpu_hours'
    ) }} as accelerator_hours,
    charges.billed_cost,
    charges.effective_cost,
    charges.list_cost,
    charges.contracted_cost
from {{ ref('machine_charges') }} as charges
inner join {{ ref('billed_resources') }} as resources
    on
        charges.source_name = resources.source_name
        and charges.billing_period = resources.billing_period
        and charges.attribution_key = resources.attribution_key
inner join {{ ref('attribution_keys') }} as keys
    on
        charges.source_name = keys.source_name
        and charges.billing_period = keys.billing_period
        and charges.attribution_key = keys.attribution_key
left join {{ ref('key_accelerators') }} as accelerators
    on
        charges.source_name = accelerators.source_name
        and charges.billing_period = accelerators.billing_period
        and charges.attribution_key = accelerators.attribution_key
