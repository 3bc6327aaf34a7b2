-- One row per source, accelerator or MIG slice, pod and hour: who held it and for how long, where
-- holders are counted and work is not measured.
select
    source_name,
    billing_period,
    interval_start as hour_start,
    gpu_uuid || coalesce('/mig-' || mig_instance, '') as device_id,
    gpu_uuid,
    mig_instance,
    mig_profile,
    model_name,
    node_name,
    pod_namespace,
    pod_name,
    sum(held_seconds) as held_seconds
from {{ ref('stg_telemetry__openshift_gpus') }}
group by
    source_name, billing_period, interval_start, gpu_uuid, mig_instance, mig_profile, model_name,
    node_name, pod_namespace, pod_name
