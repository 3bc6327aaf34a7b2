-- One row per run that was of no use, or from some time on: its one class of waste, from when, and
-- what tells. Decided before any money, so that no second is counted twice.
with holds as (

    select
        *,
        lead(run_id) over recipe as next_run_id,
        lead(held_from) over recipe as next_from,
        lead(first_step) over recipe as next_step
    from {{ ref('run_holds') }}
    where held_until > held_from
    window recipe as (partition by source_name, recipe_key order by held_from, run_id)

),

originals as (

    select
        source_name,
        recipe_key,
        min_by(run_id, held_from) as run_id
    from holds
    where run_state = 'succeeded' and recipe_key is not null
    group by source_name, recipe_key

),

judged as (

    select
        holds.*,
        originals.run_id as original_run_id,
        -- Another run of the same code, data and parameters began when this one was over.
        holds.recipe_key is not null and coalesce(holds.next_from >= holds.held_until, false)
            as is_followed,
        case
            when
                classes.waste_class in ('failed', 'abandoned')
                and abs({{ seconds_between('holds.held_until', 'holds.taken_at') }})
                <= 3600 * {{ run_parameter('spot_notice_hours') }}
                then 'interrupted'
            when classes.waste_class is not null then classes.waste_class
            when holds.run_state = 'succeeded' and originals.run_id <> holds.run_id
                then 'duplicate'
            when
                holds.run_state = 'succeeded'
                and holds.times_after_best > 0
                and holds.best_at < holds.held_until
                then 'past_best'
        end as waste_class
    from holds
    left join {{ ref('run_waste_classes') }} as classes
        on holds.run_state = classes.run_state
    left join originals
        on holds.source_name = originals.source_name and holds.recipe_key = originals.recipe_key

),

-- What a later run went on from was not lost.
saved as (

    select
        judged.source_name,
        judged.run_id,
        max(metrics.logged_at) as saved_at
    from judged
    inner join {{ ref('run_metrics') }} as metrics
        on
            judged.source_name = metrics.source_name
            and judged.run_id = metrics.run_id
            and judged.metric_name = metrics.metric_name
            and metrics.step < judged.next_step
    where judged.is_followed and judged.next_step > judged.first_step
    group by judged.source_name, judged.run_id

)

select
    judged.source_name,
    judged.run_id,
    judged.waste_class,
    -- A machine that was held longer than the last thing that was saved.
    case
        when judged.waste_class = 'past_best' then greatest(judged.held_from, judged.best_at)
        when judged.waste_class = 'duplicate' then judged.held_from
        else greatest(judged.held_from, least(
            judged.held_until, coalesce(saved.saved_at, judged.held_from)
        ))
    end as useless_from,
    case judged.waste_class
        when 'duplicate' then judged.original_run_id
        when 'past_best' then null
        else case when judged.is_followed then judged.next_run_id end
    end as related_run_id,
    case judged.waste_class
        when 'duplicate'
            then 'code, data and parameters are those of run ' || judged.original_run_id
                || ', which succeeded'
        when 'past_best'
            then 'best ' || judged.metric_name || ' at step '
                || coalesce(cast(cast(judged.best_step as bigint) as string), '?') || ', and '
                || cast(judged.times_after_best as string) || ' values logged after it'
        else
            judged.run_state
            || case
                when judged.waste_class = 'interrupted' and judged.run_state <> 'preempted'
                    then '; the spot machine was billed no longer'
                else ''
            end
            || case
                when saved.saved_at is not null
                    then '; run ' || judged.next_run_id || ' went on from step '
                        || cast(cast(judged.next_step as bigint) as string)
                when judged.is_followed then '; run ' || judged.next_run_id || ' began again'
                else '; no run went on from it'
            end
    end as evidence
from judged
left join saved on judged.source_name = saved.source_name and judged.run_id = saved.run_id
where judged.waste_class is not null
