-- One row per source, billing period, attribution key, hour and accelerator, MIG slice or rest of
-- the machine: its part of the hours and of the cost that are billed, and how much of each it was
-- used, idle, held by nobody or not seen.
{%- set whole = 'source_name, billing_period, billing_currency, attribution_key, hour_start' %}
with parted as (

    select
        charges.*,
        shares.accelerator_share,
        shares.policy,
        keys.capacity_reservation_status = 'Unused' as is_empty_reservation,
        -- Where nobody tells anything of a machine-hour it stays one row.
        coalesce(states.device_id, '') as device_id,
        states.held_told_by,
        states.used_part,
        states.idle_held_part,
        states.idle_free_part,
        states.unallocated_part,
        cast(coalesce(states.machine_share, 1) as decimal(13, 12)) as machine_share,
        row_number() over (
            partition by
                charges.source_name, charges.billing_period, charges.attribution_key,
                charges.hour_start
            order by states.machine_share desc, states.device_id
        ) as place
    from {{ ref('accelerator_charges') }} as charges
    inner join {{ ref('attribution_keys') }} as keys
        on
            charges.source_name = keys.source_name
            and charges.billing_period = keys.billing_period
            and charges.attribution_key = keys.attribution_key
    inner join {{ ref('node_cost_shares') }} as shares
        on
            charges.source_name = shares.source_name
            and charges.billing_period = shares.billing_period
            and charges.attribution_key = shares.attribution_key
            and shares.is_default
    left join {{ ref('accelerator_states') }} as states
        on
            charges.provider = states.provider
            and charges.resource_key = states.resource_key
            and charges.hour_start = states.hour_start

),

amounts as (

    select
        source_name, billing_period, attribution_key, hour_start, provider, resource_key,
        billing_currency, accelerator_model, device_id, held_told_by, policy, accelerator_share,
        {{ shared_out('accelerator_hours', 'machine_share', 'place', whole, 'quantity') }}
            as accelerator_hours,
        {%- for column in ['billed_cost', 'effective_cost', 'list_cost'] %}
        {{ shared_out(column, 'machine_share', 'place', whole, 'money') }} as machine_{{ column }},
        {%- endfor %}
        {%- for state in ['used', 'idle_held', 'idle_free'] %}
        case when is_empty_reservation then 0 else coalesce({{ state }}_part, 0) end
            as {{ state }}_part,
        {%- endfor %}
        -- A reservation in which no machine runs is held by nobody.
        case when is_empty_reservation then 1 else coalesce(unallocated_part, 0) end
            as unallocated_part
    from parted

),

rounded as (

    select
        source_name, billing_period, attribution_key, hour_start, provider, resource_key,
        billing_currency, accelerator_model, device_id, held_told_by, policy, accelerator_hours,
        machine_billed_cost, machine_effective_cost, machine_list_cost,
        {%- for state in accelerator_states() if state != 'unknown' %}
        cast({{ state }}_part as decimal(10, 9)) as {{ state }}_part,
        {%- endfor %}
        cast(greatest(
            0, 1 - used_part - idle_held_part - idle_free_part - unallocated_part
        ) as decimal(10, 9)) as unknown_part,
        {{ share_of('machine_effective_cost', 'accelerator_share') }} as effective_cost
    from amounts

),

judged as (

    select
        *,
        case greatest(used_part, idle_held_part, idle_free_part, unallocated_part, unknown_part)
            {%- for state in accelerator_states() %}
            when {{ state }}_part then '{{ state }}'
            {%- endfor %}
        end as state
    from rounded

)

select
    source_name, billing_period, attribution_key, hour_start, provider, resource_key,
    billing_currency, accelerator_model, device_id, held_told_by, policy as node_cost_policy, state,
    {{ quantity('accelerator_hours') }} as accelerator_hours,
    {%- for state in accelerator_states() %}
    {{ quantity(amount_in_state('accelerator_hours', state, 'quantity')) }} as {{ state }}_hours,
    {%- endfor %}
    {{ money('machine_billed_cost') }} as machine_billed_cost,
    {{ money('machine_effective_cost') }} as machine_effective_cost,
    {{ money('machine_list_cost') }} as machine_list_cost,
    {{ money('effective_cost') }} as effective_cost,
    {{ money('machine_effective_cost - effective_cost') }} as node_effective_cost
    {%- for state in accelerator_states() %},
    {{ money(amount_in_state('effective_cost', state, 'money')) }} as {{ state }}_cost
    {%- endfor %}
from judged
