-- One row per source and device: what its labels say of it; of several the last by name.
select
    source_name,
    device_id,
    max(gpu_uuid) as gpu_uuid,
    max(gpu_index) as gpu_index,
    max(mig_instance) as mig_instance,
    max(mig_profile) as mig_profile,
    max(model_name) as model_name,
    max(coalesce(cluster_name, '')) as cluster_name,
    max(node_name) as node_name,
    max(stated_provider) as stated_provider,
    max(stated_resource_key) as stated_resource_key
from {{ ref('telemetry_series') }}
where device_id is not null
group by source_name, device_id
