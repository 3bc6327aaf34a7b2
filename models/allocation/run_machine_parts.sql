-- One row per machine, hour, part of the hour that the same runs held, and run that held it: its
-- share of the hour as it is billed.
{% set machine = ['provider', 'resource_key', 'hour_start'] %}
{% set per_machine = machine | join(', ') %}
with held as (

    select * from {{ ref('run_machine_holds') }}
    where run_id is not null

),

parts as (

    select
        {{ per_machine }},
        cut_at as part_start,
        lead(cut_at) over (partition by {{ per_machine }} order by cut_at) as part_end
    from (
        select {{ per_machine }}, from_at as cut_at from held
        union
        select {{ per_machine }}, until_at as cut_at from held
        union
        select {{ per_machine }}, useless_from as cut_at from held
        where useless_from > from_at and useless_from < until_at
    ) as cuts

),

shared as (

    select
        {% for column in machine %}parts.{{ column }}, {% endfor %}
        parts.part_start,
        parts.part_end,
        {{ seconds_between('parts.part_start', 'parts.part_end') }} as seconds,
        held.billed_hours,
        held.run_source_name,
        held.run_id,
        held.parent_run_id,
        held.grandparent_run_id,
        case when held.useless_from <= parts.part_start then held.waste_class end as waste_class,
        held.weight,
        held.capacity
    from parts
    inner join held
        on
            {% for column in machine %}parts.{{ column }} = held.{{ column }} and {% endfor %}
            parts.part_start >= held.from_at
            and parts.part_end <= held.until_at

),

-- A run above others is what holds them together: what a child holds is the child's.
containers as (

    select {{ per_machine }}, part_start, run_source_name, parent_run_id as run_id
    from shared
    where parent_run_id is not null
    union
    select {{ per_machine }}, part_start, run_source_name, grandparent_run_id as run_id
    from shared
    where grandparent_run_id is not null

),

weighed as (

    select
        shared.*,
        containers.run_id is not null as is_container,
        case when containers.run_id is null then shared.weight else 0 end as own_weight
    from shared
    left join containers
        on
            {% for column in machine -%}
            shared.{{ column }} = containers.{{ column }} and
            {% endfor -%}
            shared.part_start = containers.part_start
            and shared.run_source_name = containers.run_source_name
            and shared.run_id = containers.run_id

),

portions as (

    select
        *,
        seconds * own_weight / greatest(
            sum(own_weight) over (partition by {{ per_machine }}, part_start), capacity
        ) as used_seconds,
        seconds * own_weight / sum(own_weight) over (partition by {{ per_machine }}, part_start)
            as covered_seconds
    from weighed

),

-- A machine that runs held longer than it was billed was billed for them alone.
timed as (

    select
        *,
        greatest(
            3600 * billed_hours, sum(covered_seconds) over (partition by {{ per_machine }})
        ) as hour_seconds
    from portions

)

select
    {{ per_machine }},
    part_start,
    part_end,
    run_source_name,
    run_id,
    case when is_container then 'container' else 'run' end as share_kind,
    waste_class,
    seconds,
    hour_seconds,
    cast(round(used_seconds / hour_seconds, 12) as decimal(18, 12)) as share_ratio
from timed
