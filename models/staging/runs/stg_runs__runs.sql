-- One row per run and dump or description that lists it.
with source as (

    select * from {{ source('raw_runs', 'runs') }}

),

renamed as (

    select
        _source_name as source_name,
        _billing_period as billing_period,
        _source_file as source_file,
        _source_row as source_row,
        _source_kind as source_kind,
        dumped_at,
        run_id,
        native_state,
        native_detail,
        parent_run_id,
        experiment_name,
        run_name,
        created_at,
        started_at,
        ended_at,
        seen_at,
        user_name,
        git_sha,
        dataset_name,
        instance_type,
        instance_count,
        executors,
        parameters,
        tags,
        final_metrics,
        billable_seconds,
        artifact_uri,
        error_text,
        coalesce(is_deleted = 'true', false) as is_deleted
    from source

)

select * from renamed
