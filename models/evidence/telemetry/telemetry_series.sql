-- One row per source and set of labels: the device, machine and pod that it is about.
with series as (

    select distinct
        source_name,
        series_key,
        {{ series_columns() | join(',\n        ') }}
    from {{ ref('telemetry_labels') }}

),

-- Names of labels are read in one spelling.
labelled as (

    select
        *,
        {{ label_map('labels') }} as found
    from series

),

named as (

    select
        source_name,
        series_key,
        coalesce(gpu_uuid, found['uuid'], found['gpu_uuid'], found['accelerator_id']) as gpu_uuid,
        coalesce(
            gpu, found['gpu'], found['gpu_number'], found['index'], found['deviceid'],
            found['gpuindex']
        ) as gpu_index,
        coalesce(
            hostname, node, found['hostname'], found['node'], found['host'],
            -- Google Cloud's number of an instance may stand in telemetry_hosts.
            case when found['project_id'] is not null then found['instance_id'] end
        ) as node_name,
        coalesce(instance_id, found['instanceid'], found['instance_id']) as instance_id,
        found['resource_id'] as azure_resource_id,
        found['zone'] as gcp_zone,
        found['project_id'] as gcp_project,
        case
            when found['namespace'] = '/aws/sagemaker/TrainingJobs' and found['host'] is not null
                then concat(
                    'arn:aws:sagemaker:', found['region'], ':', found['account_id'],
                    ':training-job/', split_part(found['host'], '/', 1)
                )
        end as training_job,
        coalesce(cluster, found['cluster'], found['clustername'], found['cluster_name'])
            as cluster_name,
        -- Where Prometheus keeps its own labels, `pod` is the exporter and not the workload.
        coalesce(
            exported_namespace, found['exported_namespace'], namespace, found['namespace'],
            found['pod_namespace'], found['namespace_name']
        ) as pod_namespace,
        coalesce(
            exported_pod, found['exported_pod'], pod, found['pod'], found['pod_name'],
            found['podname']
        ) as pod_name,
        coalesce(found['pod_uid'], found['uid']) as pod_uid,
        coalesce(mig_instance, found['gpu_i_id']) as mig_instance,
        coalesce(mig_profile, found['gpu_i_profile']) as mig_profile,
        coalesce(
            model_name, found['modelname'], found['model_name'], found['model'], found['name']
        ) as model_name,
        coalesce(found['hpc_job'], found['runid'], found['jobname']) as job_id,
        found['provider_id'] as provider_id,
        found['resource'] as resource_name,
        found['container'] as container_name,
        found['phase'] as phase_name
    from labelled

)

select
    source_name,
    series_key,
    coalesce(
        gpu_uuid,
        nullif(concat_ws(
            '/', cluster_name, coalesce(instance_id, node_name), nullif(gpu_index, '')
        ), '')
    ) || coalesce('/mig-' || nullif(mig_instance, ''), '') as device_id,
    gpu_uuid,
    gpu_index,
    nullif(mig_instance, '') as mig_instance,
    nullif(mig_profile, '') as mig_profile,
    model_name,
    cluster_name,
    node_name,
    case
        when instance_id like 'i-%' or node_name like 'i-%' then 'aws'
        when training_job is not null then 'aws'
        when azure_resource_id is not null then 'azure'
        when gcp_project is not null and instance_id is not null then 'gcp'
    end as stated_provider,
    case
        when instance_id like 'i-%' then instance_id
        when node_name like 'i-%' then split_part(node_name, '.', 1)
        when training_job is not null then training_job
        when azure_resource_id is not null then rtrim(lower(azure_resource_id), '/')
        when gcp_project is not null and instance_id is not null then
            '//compute.googleapis.com/projects/' || gcp_project || '/locations/' || gcp_zone
            || '/instances/' || instance_id
    end as stated_resource_key,
    provider_id,
    case when pod_name not like '%dcgm-exporter%' then nullif(pod_namespace, '') end
        as pod_namespace,
    case when pod_name not like '%dcgm-exporter%' then nullif(pod_name, '') end as pod_name,
    pod_uid,
    job_id,
    container_name,
    resource_name,
    phase_name
from named
