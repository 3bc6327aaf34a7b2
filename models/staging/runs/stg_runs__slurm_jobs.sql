-- One row per Slurm job or job step and dump that lists it.
with source as (

    select * from {{ source('raw_runs', 'slurm_jobs') }}

),

renamed as (

    select
        _source_name as source_name,
        _billing_period as billing_period,
        _source_file as source_file,
        _source_row as source_row,
        dumped_at,
        cluster_name,
        coalesce(job_id, job_id_raw) as job_id,
        job_id_raw,
        job_name,
        state,
        submitted_at,
        started_at,
        ended_at,
        alloc_tres,
        node_list,
        node_names,
        account,
        slurm_user,
        partition as partition_name,
        restarts,
        comment
    from source

)

select * from renamed
