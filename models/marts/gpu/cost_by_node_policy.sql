-- One row per billing period, source, currency, provider, accelerator and policy of splitting a
-- machine's cost: what its accelerators cost by state, and what the rest of the machine costs.
-- Under each policy it adds up to the same bill.
with hours as (

    select
        source_name,
        billing_period,
        attribution_key,
        billing_currency,
        provider,
        accelerator_model,
        sum(machine_effective_cost) as machine_effective_cost
        {%- for state in accelerator_states() %},
        {{ money('sum(' ~ state ~ '_cost)') }} as {{ state }}_cost
        {%- endfor %}
    from {{ ref('accelerator_hours') }}
    group by
        source_name, billing_period, attribution_key, billing_currency, provider,
        accelerator_model

),

split as (

    select
        hours.billing_period,
        hours.source_name,
        hours.billing_currency,
        hours.provider,
        hours.accelerator_model,
        shares.policy as node_cost_policy,
        shares.is_default,
        shares.share_basis,
        hours.machine_effective_cost
        {%- for state in accelerator_states() %},
        -- Their cost is at hand under the policy in force.
        {{ share_of('hours.' ~ state ~ '_cost', 'cast(' ~ ratio(
            'shares.accelerator_share', 'in_force.accelerator_share'
        ) ~ ' as decimal(13, 12))') }} as {{ state }}_cost
        {%- endfor %}
    from hours
    inner join {{ ref('node_cost_shares') }} as shares
        on
            hours.source_name = shares.source_name
            and hours.billing_period = shares.billing_period
            and hours.attribution_key = shares.attribution_key
    inner join {{ ref('node_cost_shares') }} as in_force
        on
            hours.source_name = in_force.source_name
            and hours.billing_period = in_force.billing_period
            and hours.attribution_key = in_force.attribution_key
            and in_force.is_default

)

select
    billing_period,
    source_name,
    billing_currency,
    provider,
    accelerator_model,
    node_cost_policy,
    is_default,
    {{ money('sum(machine_effective_cost)') }} as machine_effective_cost,
    {{ money('sum(machine_effective_cost - used_cost - idle_held_cost - idle_free_cost'
        ~ ' - unallocated_cost - unknown_cost)') }} as node_effective_cost,
    {%- for state in accelerator_states() %}
    {{ money('sum(' ~ state ~ '_cost)') }} as {{ state }}_cost,
    {%- endfor %}
    {{ money("sum(case when share_basis = 'size_unknown' then machine_effective_cost"
        ~ " else 0 end)") }}
        as size_unknown_effective_cost
from split
group by
    billing_period, source_name, billing_currency, provider, accelerator_model, node_cost_policy,
    is_default
