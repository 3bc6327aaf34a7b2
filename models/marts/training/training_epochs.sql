-- One row per run, step or epoch that it logged and currency: how long it took and what it cost.
-- What a run cost until a moment grows with its share of its machines, so that its steps add up.
{% set costs = ['billed_cost', 'effective_cost'] %}
{% set of_run = 'source_name, run_id, billing_currency' %}
with moments as (

    select
        steps.*,
        costs.billing_currency
    from {{ ref('run_steps') }} as steps
    left join {{ ref('run_costs') }} as costs
        on steps.source_name = costs.source_name and steps.run_id = costs.run_id

),

parts as (

    select
        run_source_name as source_name,
        run_id,
        billing_currency,
        hour_start,
        part_start,
        part_end,
        {%- for cost in costs %}
        sum({{ cost }}) as {{ cost }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('run_machine_hours') }}
    where run_id is not null
    group by run_source_name, run_id, billing_currency, hour_start, part_start, part_end

),

-- Whole hours before a moment, and the part of its own hour that was over.
events as (

    select
        {{ of_run }},
        {{ hours_later('hour_start', 1) }} as moment,
        0 as is_moment,
        cast(null as double) as step,
        {%- for cost in costs %}
        {{ cost }}{{ ',' if not loop.last }}
        {%- endfor %}
    from parts
    union all
    select
        {{ of_run }},
        ended_at as moment,
        1 as is_moment,
        step,
        {%- for cost in costs %}
        cast(0 as decimal(38, 16)) as {{ cost }}{{ ',' if not loop.last }}
        {%- endfor %}
    from moments

),

before_hours as (

    select
        {{ of_run }},
        is_moment,
        step,
        {%- for cost in costs %}
        sum({{ cost }}) over (
            partition by {{ of_run }} order by moment, is_moment, step
            rows between unbounded preceding and current row
        ) as {{ cost }}{{ ',' if not loop.last }}
        {%- endfor %}
    from events

),

in_hours as (

    select
        moments.source_name,
        moments.run_id,
        moments.billing_currency,
        moments.step,
        {%- for cost in costs %}
        sum({{ share_of('parts.' ~ cost, 'cast(round(least(1, ' ~ ratio(
            seconds_between('parts.part_start', 'moments.ended_at'),
            seconds_between('parts.part_start', 'parts.part_end')
        ) ~ '), 12) as decimal(18, 12))') }}) as {{ cost }}{{ ',' if not loop.last }}
        {%- endfor %}
    from moments
    inner join parts
        on
            moments.source_name = parts.source_name
            and moments.run_id = parts.run_id
            and moments.billing_currency = parts.billing_currency
            and date_trunc('hour', moments.ended_at) = parts.hour_start
            and moments.ended_at > parts.part_start
    group by moments.source_name, moments.run_id, moments.billing_currency, moments.step

),

spent as (

    select
        moments.*,
        holds.held_from,
        {%- for cost in costs %}
        {{ money('before_hours.' ~ cost ~ ' + coalesce(in_hours.' ~ cost ~ ', 0)') }}
            as cumulative_{{ cost }}{{ ',' if not loop.last }}
        {%- endfor %}
    from moments
    inner join {{ ref('run_holds') }} as holds
        on moments.source_name = holds.source_name and moments.run_id = holds.run_id
    left join before_hours
        on
            moments.source_name = before_hours.source_name
            and moments.run_id = before_hours.run_id
            and moments.billing_currency = before_hours.billing_currency
            and moments.step = before_hours.step
            and before_hours.is_moment = 1
    left join in_hours
        on
            moments.source_name = in_hours.source_name
            and moments.run_id = in_hours.run_id
            and moments.billing_currency = in_hours.billing_currency
            and moments.step = in_hours.step

),

compared as (

    select
        *,
        lag(step) over steps as step_before,
        coalesce(lag(ended_at) over steps, held_from) as step_started_at
        {%- for cost in costs %},
        cumulative_{{ cost }} - coalesce(lag(cumulative_{{ cost }}) over steps, 0) as {{ cost }}
        {%- endfor %}
    from spent
    window steps as (partition by {{ of_run }} order by ended_at, step)

)

select
    source_name,
    run_id,
    billing_currency,
    metric_name,
    step,
    step - step_before as steps,
    step_started_at as started_at,
    ended_at,
    {{ seconds_between('step_started_at', 'ended_at') }} as seconds,
    value,
    billed_cost,
    effective_cost,
    cumulative_billed_cost,
    cumulative_effective_cost
from compared
