-- One row per cluster, node name and machine that bore it: what the bill calls the machine, and
-- from when to when. Names of nodes are used again.
with seen as (

    select
        coalesce(series.cluster_name, '') as cluster_name,
        series.node_name,
        series.provider_id,
        min(hours.first_at) as first_seen_at,
        max(hours.last_at) as last_seen_at
    from {{ ref('telemetry_hours') }} as hours
    inner join {{ ref('telemetry_series') }} as series
        on hours.source_name = series.source_name and hours.series_key = series.series_key
    where hours.metric_name = 'kube_node_info' and series.provider_id is not null
    group by coalesce(series.cluster_name, ''), series.node_name, series.provider_id

),

named as (

    select
        cluster_name,
        node_name,
        {{ provider_of_id('provider_id') }} as provider,
        {{ resource_key_of_id('provider_id') }} as resource_key,
        first_seen_at,
        last_seen_at,
        'kube_node_info' as told_by
    from seen
    union all
    select
        '' as cluster_name,
        host_name as node_name,
        provider,
        {{ resource_key('provider', 'resource_id') }} as resource_key,
        coalesce(valid_from, cast('1970-01-01' as timestamp)) as first_seen_at,
        valid_to as last_seen_at,
        'telemetry_hosts' as told_by
    from {{ ref('telemetry_hosts') }}

)

select
    *,
    -- What is seen of a node holds for the hours before, until another machine bore the name.
    case
        when lag(first_seen_at) over names is null then cast('1970-01-01' as timestamp)
        else first_seen_at
    end as valid_from,
    lead(first_seen_at) over names as valid_to
from named
window names as (partition by cluster_name, node_name order by first_seen_at, resource_key)
