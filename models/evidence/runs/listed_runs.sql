-- One row per run as its system last told it: training runs of trackers and managed services, and
-- jobs of Slurm.
with listed as (

    select
        source_name,
        billing_period,
        source_kind as system,
        run_id,
        lower(native_state) as native_state,
        lower(native_detail) as native_detail,
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
        cast(null as double) as accelerator_count,
        executors,
        parameters,
        tags,
        final_metrics,
        billable_seconds,
        artifact_uri,
        error_text,
        is_deleted,
        dumped_at,
        source_file,
        source_row
    from {{ ref('stg_runs__runs') }}
    union all
    select
        source_name,
        billing_period,
        'slurm_sacct' as system,
        concat_ws('/', cluster_name, job_id) as run_id,
        -- CANCELLED by 1001
        lower(split_part(state, ' ', 1)) as native_state,
        cast(null as string) as native_detail,
        cast(null as string) as parent_run_id,
        cast(null as string) as experiment_name,
        job_name as run_name,
        submitted_at as created_at,
        started_at,
        ended_at,
        ended_at as seen_at,
        slurm_user as user_name,
        cast(null as string) as git_sha,
        cast(null as string) as dataset_name,
        partition_name as instance_type,
        cast(null as double) as instance_count,
        cast(coalesce(
            nullif(regexp_extract(alloc_tres, 'gres/gpu=([0-9]+)', 1), ''),
            nullif(regexp_extract(alloc_tres, 'gres/gpu:[^=]+=([0-9]+)', 1), '')
        ) as double) as accelerator_count,
        {{ prefixed_json_list('node_names', "coalesce(cluster_name || '/', '')") }} as executors,
        cast(null as string) as parameters,
        '{"account":' || coalesce({{ json_string('account') }}, 'null') || '}' as tags,
        cast(null as string) as final_metrics,
        cast(null as double) as billable_seconds,
        cast(null as string) as artifact_uri,
        comment as error_text,
        false as is_deleted,
        dumped_at,
        source_file,
        source_row
    from {{ ref('stg_runs__slurm_jobs') }}
    -- Steps repeat the time of their job.
    where job_id not like '%.%'

),

ordered as (

    select
        *,
        row_number() over (
            partition by source_name, run_id
            order by
                dumped_at desc nulls last, seen_at desc nulls last, ended_at desc nulls last,
                source_file desc, source_row desc
        ) as recency
    from listed

)

select * from ordered
where recency = 1
