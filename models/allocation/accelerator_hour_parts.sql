-- One row per source, billing period, attribution key, hour and accelerator, MIG slice or rest of
-- the machine: its part of the hours and of the cost that are billed, and how much of each it was
-- used, idle, held by nobody or not seen.
{%- set whole = 'source_name, billing_period, billing_currency, attribution_key, hour_start' %}
with parted as (

    select
        charges.*,
        shares.accelerator_share,
        shares.policy,
        parts.device_id,
        parts.held_told_by,
        {%- for state in accelerator_states() %}
        parts.{{ state }}_part,
        {%- endfor %}
        parts.key_share,
        parts.place
    from {{ ref('accelerator_charges') }} as charges
    inner join {{ ref('accelerator_parts') }} as parts
        on
            charges.source_name = parts.source_name
            and charges.billing_period = parts.billing_period
            and charges.attribution_key = parts.attribution_key
            and charges.hour_start = parts.hour_start
    inner join {{ ref('node_cost_shares') }} as shares
        on
            charges.source_name = shares.source_name
            and charges.billing_period = shares.billing_period
            and charges.attribution_key = shares.attribution_key
            and shares.is_default

),

amounts as (

    select
        source_name, billing_period, attribution_key, hour_start, provider, resource_key,
        billing_currency, accelerator_model, device_id, held_told_by, policy, accelerator_share,
        {%- for state in accelerator_states() %}
        {{ state }}_part,
        {%- endfor %}
        {{ shared_out('accelerator_hours', 'key_share', 'place', whole, 'quantity') }}
            as accelerator_hours
        {%- for column in ['billed_cost', 'effective_cost', 'list_cost'] %},
        {{ shared_out(column, 'key_share', 'place', whole, 'money') }} as machine_{{ column }}
        {%- endfor %}
    from parted

),

judged as (

    select
        *,
        {{ share_of('machine_effective_cost', 'accelerator_share') }} as effective_cost,
        case greatest(used_part, idle_held_part, idle_free_part, unallocated_part, unknown_part)
            {%- for state in accelerator_states() %}
            when {{ state }}_part then '{{ state }}'
            {%- endfor %}
        end as state
    from amounts

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
