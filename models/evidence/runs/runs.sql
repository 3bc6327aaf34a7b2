-- One row per run: what was tried, when, with what code and data, by whom, and how it ended in one
-- vocabulary. A run that is said to be running and gave no sign of life is abandoned.
with logged as (

    select
        source_name,
        run_id,
        max(logged_at) as last_logged_at,
        max(step) as last_step,
        count(*) as logged_values
    from {{ ref('run_metrics') }}
    group by source_name, run_id

),

-- How far each store tells: no clock is asked, so that the same records give the same answer.
horizons as (

    select
        runs.source_name,
        greatest(
            max(runs.started_at), max(runs.ended_at), max(runs.seen_at), max(runs.dumped_at),
            max(logged.last_logged_at)
        ) as told_until_at
    from {{ ref('listed_runs') }} as runs
    left join logged on runs.source_name = logged.source_name
    group by runs.source_name

),

judged as (

    select
        runs.*,
        coalesce(details.run_state, states.run_state, 'unknown') as told_state,
        logged.last_logged_at,
        logged.last_step,
        coalesce(logged.logged_values, 0) as logged_values,
        greatest(runs.started_at, runs.seen_at, logged.last_logged_at) as alive_at,
        horizons.told_until_at
    from {{ ref('listed_runs') }} as runs
    left join {{ ref('run_states') }} as states
        on runs.system = states.system and runs.native_state = states.native_state
    left join {{ ref('run_states') }} as details
        on details.system = 'sagemaker_secondary' and runs.native_detail = details.native_state
    left join logged
        on runs.source_name = logged.source_name and runs.run_id = logged.run_id
    left join horizons on runs.source_name = horizons.source_name

),

ended as (

    select
        *,
        told_state = 'running'
        and ended_at is null
        and {{ seconds_between('alive_at', 'told_until_at') }}
        > 3600 * (
            select max(value) from {{ ref('run_policy') }} where parameter = 'abandoned_after_hours'
        ) as is_abandoned
    from judged

)

select
    ended.source_name,
    ended.billing_period,
    ended.system,
    ended.run_id,
    ended.parent_run_id,
    ended.experiment_name,
    coalesce(ended.run_name, run_tags.run_name) as run_name,
    case when ended.is_abandoned then 'abandoned' else ended.told_state end as run_state,
    ended.native_state,
    ended.created_at,
    ended.started_at,
    ended.ended_at,
    -- Of an abandoned run nobody knows the end; it lived at least until then.
    case when ended.is_abandoned then ended.alive_at end as last_alive_at,
    ended.told_until_at,
    coalesce(ended.git_sha, run_tags.git_sha) as git_sha,
    coalesce(ended.dataset_name, run_tags.dataset_name) as dataset_name,
    ended.parameters,
    {{ label_key_of_map('ended.parameters') }} as parameters_key,
    run_tags.model as model_name,
    run_tags.technique,
    run_tags.team,
    run_tags.project,
    coalesce(ended.user_name, run_tags.user_name) as user_name,
    ended.instance_type,
    ended.instance_count,
    coalesce(ended.accelerator_count, try_cast(run_tags.accelerator_count as double))
        as accelerator_count,
    ended.executors,
    run_tags.executor as tagged_executor,
    ended.billable_seconds,
    ended.artifact_uri,
    ended.error_text,
    ended.last_step,
    ended.last_logged_at,
    ended.logged_values,
    ended.final_metrics,
    ended.tags,
    ended.is_deleted
from ended
left join {{ ref('run_tags') }} as run_tags
    on ended.source_name = run_tags.source_name and ended.run_id = run_tags.run_id
