-- One row per pod and hour, as the OpenShift cost operator counts them.
with source as (

    select * from {{ source('raw_telemetry', 'openshift_pods') }}

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
        resource_id as machine_id,
        pod_usage_cpu_core_seconds as cpu_used_core_seconds,
        pod_request_cpu_core_seconds as cpu_requested_core_seconds,
        pod_usage_memory_byte_seconds as memory_used_byte_seconds,
        pod_request_memory_byte_seconds as memory_requested_byte_seconds,
        node_capacity_cpu_cores as node_cpu_cores,
        node_capacity_memory_bytes as node_memory_bytes,
        pod_labels
    from source

)

select * from renamed
