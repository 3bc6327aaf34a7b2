-- One row per day, source, billing period, currency, machine, purchase option, owner and layer of
-- idleness: accelerator-hours, what they cost, the longest streak and what to do. Layers exclude
-- each other.
with hours as (

    select * from {{ ref('accelerator_hours') }}

),

-- A streak is of one accelerator; the rest of a machine counts as one.
idle as (

    select distinct
        provider,
        resource_id,
        coalesce(device_id, '') as device_id,
        hour_start,
        state
    from hours
    where state in ('idle_held', 'idle_free', 'unallocated')

),

numbered as (

    select
        *,
        row_number() over (
            partition by provider, resource_id, device_id, state order by hour_start
        ) as place
    from idle

),

streaks as (

    select
        provider,
        resource_id,
        state as layer,
        cast(hour_start as date) as usage_date,
        max(streak_hours) as longest_streak_hours
    from (
        select
            *,
            count(*) over (
                partition by
                    provider, resource_id, device_id, state,
                    {{ hours_later('hour_start', '-place') }}
            ) as streak_hours
        from numbered
    ) as counted
    group by provider, resource_id, state, cast(hour_start as date)

),

layers as (

    {% for layer in ['unallocated', 'idle_held', 'idle_free', 'useless', 'unknown'] %}
    {{ 'union all' if not loop.first }}
    select
        usage_date, source_name, billing_period, billing_currency, provider, region_id,
        resource_id, instance_type, accelerator_model, purchase_option, business_unit, team,
        project, owner_class, workload_phase,
        '{{ layer }}' as layer,
        {{ layer }}_hours as accelerator_hours,
        {{ layer }}_cost as effective_cost
    from hours
    {% endfor %}

),

added as (

    select
        usage_date, source_name, billing_period, billing_currency, provider, region_id,
        resource_id, instance_type, accelerator_model, purchase_option, business_unit, team,
        project, owner_class, workload_phase, layer,
        {{ quantity('sum(accelerator_hours)') }} as accelerator_hours,
        {{ money('sum(effective_cost)') }} as effective_cost
    from layers
    group by
        usage_date, source_name, billing_period, billing_currency, provider, region_id,
        resource_id, instance_type, accelerator_model, purchase_option, business_unit, team,
        project, owner_class, workload_phase, layer
    having sum(accelerator_hours) <> 0 or sum(effective_cost) <> 0

)

select
    added.*,
    cast(streaks.longest_streak_hours as bigint) as longest_streak_hours,
    coalesce(special.action, usual.action) as recommended_action
from added
left join streaks
    on
        added.provider = streaks.provider
        and added.resource_id = streaks.resource_id
        and added.layer = streaks.layer
        and added.usage_date = streaks.usage_date
left join {{ ref('idle_actions') }} as special
    on added.layer = special.layer and added.purchase_option = special.purchase_option
left join {{ ref('idle_actions') }} as usual
    on added.layer = usual.layer and coalesce(usual.purchase_option, '') = ''
