-- One row per accelerator or MIG slice, pod and hour, as the OpenShift cost operator counts them.
with source as (

    select * from {{ source('raw_telemetry', 'openshift_gpus') }}

),

renamed as (

    select
        _source_name as source_name,
        _billing_period as billing_period,
        _source_file as source_file,
        _source_row as source_row,
        interval_start,
        interval_end,
        node as node_name,
        namespace as pod_namespace,
        pod as pod_name,
        gpu_uuid,
        gpu_model_name as model_name,
        gpu_vendor_name as vendor_name,
        gpu_memory_capacity_mib as memory_mib,
        gpu_pod_uptime as held_seconds,
        mig_instance_id as mig_instance,
        mig_profile,
        mig_strategy
    from source

)

select * from renamed
