-- One row per source and device: what its labels say of it; of several the last by name.
with devices as (

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

),

-- Google Cloud's agents know an instance by number, bills by name. Where several instances bore a
-- name, bills have the number too.
instance_names as (

    select
        resource_key as numbered_key,
        resource_id as named_id,
        count(*) over (partition by resource_id) as numbers
    from {{ ref('inventory_items') }}
    where
        provider = 'gcp'
        and resource_type = 'compute.googleapis.com/Instance'
        and resource_key <> {{ gcp_resource_key('resource_id') }}
    group by resource_key, resource_id

),

-- Power that a board may draw, by the longest name of a model that is part of the device's.
boards as (

    select
        devices.source_name,
        devices.device_id,
        max_by(specs.board_watts, length(specs.accelerator_model)) as board_watts
    from devices
    inner join {{ ref('accelerator_specs') }} as specs
        on {{ text_matches_pattern(
            'devices.model_name',
            "'(^|[^A-Za-z0-9])' || specs.accelerator_model || '([^A-Za-z0-9]|$)'"
        ) }}
    where specs.board_watts is not null
    group by devices.source_name, devices.device_id

)

select
    devices.source_name,
    devices.device_id,
    devices.gpu_uuid,
    devices.gpu_index,
    devices.mig_instance,
    devices.mig_profile,
    devices.model_name,
    devices.cluster_name,
    devices.node_name,
    devices.stated_provider,
    coalesce({{ gcp_resource_key('names.named_id') }}, devices.stated_resource_key)
        as stated_resource_key,
    cast(boards.board_watts as double) as board_watts
from devices
left join instance_names as names
    on devices.stated_resource_key = names.numbered_key and names.numbers = 1
left join boards
    on devices.source_name = boards.source_name and devices.device_id = boards.device_id
