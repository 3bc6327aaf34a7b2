-- One row per run that logged a metric by which runs are judged: which metric that is, whether less
-- or more of it is better, its best value and when that came.
with last_values as (

    select
        runs.source_name,
        runs.run_id,
        runs.ended_at,
        found.record
    from (
        select
            source_name,
            run_id,
            ended_at,
            {{ json_records('final_metrics', ['name', 'value']) }} as records
        from {{ ref('runs') }}
        where logged_values = 0 and ended_at is not null and final_metrics is not null
    ) as runs
    {{ lateral_records('runs.records', 'found') }}

),

told as (

    select
        source_name,
        run_id,
        metric_name,
        step,
        logged_at,
        value
    from {{ ref('run_metrics') }}
    where value is not null
    union all
    -- Managed services keep the last value only.
    select
        source_name,
        run_id,
        record.name as metric_name,
        cast(null as double) as step,
        ended_at as logged_at,
        try_cast(record.value as double) as value
    from last_values
    where try_cast(record.value as double) is not null

),

logged as (

    select
        metrics.source_name,
        metrics.run_id,
        metrics.metric_name,
        runs.experiment_name
    from (select distinct source_name, run_id, metric_name from told) as metrics
    inner join {{ ref('runs') }} as runs
        on metrics.source_name = runs.source_name and metrics.run_id = runs.run_id

),

chosen as (

    select
        logged.source_name,
        logged.run_id,
        logged.metric_name,
        policy.direction,
        cast(policy.min_delta as double) as min_delta,
        cast(policy.target_value as double) as target_value,
        case when policy.direction = 'max' then -1 else 1 end as sign
    from logged
    inner join {{ ref('run_metric_policy') }} as policy
        on
            {{ text_matches_pattern('lower(logged.metric_name)', 'policy.metric_pattern') }}
            and (
                coalesce(policy.experiment_pattern, '') = ''
                or {{ text_matches_pattern(
                    "lower(coalesce(logged.experiment_name, ''))", 'policy.experiment_pattern'
                ) }}
            )
    qualify
        row_number() over (
            partition by logged.source_name, logged.run_id
            order by policy.position, logged.metric_name
        ) = 1

),

valued as (

    select
        chosen.*,
        told.step,
        told.logged_at,
        told.value,
        min(chosen.sign * told.value) over (
            partition by chosen.source_name, chosen.run_id
        ) as lowest
    from chosen
    inner join told
        on
            chosen.source_name = told.source_name
            and chosen.run_id = told.run_id
            and chosen.metric_name = told.metric_name

),

-- What came within min_delta of the best counts as the best: later gains were not worth the wait.
reached as (

    select
        *,
        min(case when sign * value <= lowest + min_delta then logged_at end) over (
            partition by source_name, run_id
        ) as best_at
    from valued

)

select
    source_name,
    run_id,
    metric_name,
    direction,
    target_value,
    min(sign * lowest) as best_value,
    best_at,
    min(case when logged_at = best_at then step end) as best_step,
    min(step) as first_step,
    max(step) as last_step,
    count(distinct case when logged_at > best_at then logged_at end) as times_after_best
from reached
group by source_name, run_id, metric_name, direction, target_value, best_at
