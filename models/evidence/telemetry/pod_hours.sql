-- One row per source, pod and hour: where a pod ran and what it had reserved. Two pods of one name
-- are two pods.
with series_hours as (

    select
        hours.source_name,
        hours.billing_period,
        hours.hour_start,
        metrics.measure,
        coalesce(series.cluster_name, '') as cluster_name,
        series.pod_namespace,
        series.pod_name,
        coalesce(series.pod_uid, '') as pod_uid,
        series.node_name,
        series.resource_name,
        series.phase_name,
        hours.samples,
        hours.value_max,
        hours.last_at
    from {{ ref('telemetry_hours') }} as hours
    inner join {{ ref('telemetry_metrics') }} as metrics
        on hours.metric_name = metrics.metric_name and metrics.surface = 'kubernetes'
    inner join {{ ref('telemetry_series') }} as series
        on hours.source_name = series.source_name and hours.series_key = series.series_key
    where series.pod_name is not null and hours.samples > 0

),

watched as (

    select
        source_name,
        billing_period,
        hour_start,
        cluster_name,
        pod_namespace,
        pod_name,
        pod_uid,
        max(case when measure = 'kube_pod' then node_name end) as node_name,
        max(case when measure = 'kube_pod' then samples end) as samples,
        max_by(phase_name, last_at) filter (
            where measure = 'kube_phase' and value_max > 0
        ) as phase_name,
        -- Containers of a pod reserve side by side.
        sum(case when resource_name like '%gpu' then value_max end) as accelerators_requested,
        sum(case when resource_name like '%mig%' then value_max end) as slices_requested,
        sum(case when resource_name = 'cpu' then value_max end) as cpu_cores_requested,
        sum(case when resource_name = 'memory' then value_max end) / 1073741824
            as memory_gib_requested,
        cast(null as double) as cpu_cores_used,
        cast(null as double) as memory_gib_used,
        cast(null as string) as machine_id
    from series_hours
    group by
        source_name, billing_period, hour_start, cluster_name, pod_namespace, pod_name, pod_uid

),

held as (

    select
        source_name,
        interval_start,
        pod_namespace,
        pod_name,
        sum(case when mig_instance is null then held_seconds end) / 3600 as accelerators,
        sum(case when mig_instance is not null then held_seconds end) / 3600 as slices
    from {{ ref('stg_telemetry__openshift_gpus') }}
    group by source_name, interval_start, pod_namespace, pod_name

),

counted as (

    select
        pods.source_name,
        pods.billing_period,
        pods.interval_start as hour_start,
        '' as cluster_name,
        pods.pod_namespace,
        pods.pod_name,
        '' as pod_uid,
        pods.node_name,
        cast(null as bigint) as samples,
        cast(null as string) as phase_name,
        held.accelerators as accelerators_requested,
        held.slices as slices_requested,
        pods.cpu_requested_core_seconds / 3600 as cpu_cores_requested,
        pods.memory_requested_byte_seconds / 3600 / 1073741824 as memory_gib_requested,
        pods.cpu_used_core_seconds / 3600 as cpu_cores_used,
        pods.memory_used_byte_seconds / 3600 / 1073741824 as memory_gib_used,
        pods.machine_id
    from {{ ref('stg_telemetry__openshift_pods') }} as pods
    left join held
        on pods.source_name = held.source_name
        and pods.interval_start = held.interval_start
        and pods.pod_namespace = held.pod_namespace
        and pods.pod_name = held.pod_name

),

pods as (

    select * from watched
    union all
    select * from counted

)

select
    pods.source_name,
    pods.billing_period,
    pods.hour_start,
    nullif(pods.cluster_name, '') as cluster_name,
    pods.pod_namespace,
    pods.pod_name,
    nullif(pods.pod_uid, '') as pod_uid,
    pods.node_name,
    coalesce(nodes.provider, case when pods.machine_id like 'i-%' then 'aws' end) as provider,
    coalesce(nodes.resource_key, pods.machine_id) as resource_key,
    pods.phase_name,
    pods.samples,
    -- A pod that was there all hour was seen as often as any other.
    round(coalesce(
        {{ ratio(
            'pods.samples',
            'max(pods.samples) over (partition by pods.source_name, pods.hour_start)'
        ) }}, 1
    ), 6) as present_ratio,
    round(pods.accelerators_requested, 6) as accelerators_requested,
    round(pods.slices_requested, 6) as slices_requested,
    round(pods.cpu_cores_requested, 6) as cpu_cores_requested,
    round(pods.memory_gib_requested, 6) as memory_gib_requested,
    round(pods.cpu_cores_used, 6) as cpu_cores_used,
    round(pods.memory_gib_used, 6) as memory_gib_used
from pods
left join {{ ref('node_resources') }} as nodes
    on pods.node_name = nodes.node_name
    and nodes.cluster_name in ('', pods.cluster_name)
    and pods.hour_start >= nodes.valid_from
    and (pods.hour_start < nodes.valid_to or nodes.valid_to is null)
