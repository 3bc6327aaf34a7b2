-- One row per source, billing period, hour and whatever is told of requests to models: who asked
-- which model where, how many requests and tokens. It holds no billed money; what a log thinks that
-- its requests cost is stated_cost. NULL is what a source does not tell, never zero.
{%- set by_labels = [
    'account_id', 'region_id', 'deployment_name', 'model_name', 'evidence_kind', 'native_class',
    'provisioned_utilisation_ratio',
] %}
{%- set by_buckets = [
    'provider_name', 'account_id', 'region_id', 'model_name', 'evidence_kind', 'native_class',
    'principal', 'project', 'credential', 'service_tier', 'requests', 'input_tokens',
    'output_tokens', 'cache_read_tokens', 'cache_write_tokens',
] %}
{%- set by_logs = usage_told() + usage_counted() + [
    'stated_cost', 'stated_input_price', 'stated_output_price', 'stated_cache_read_price',
] %}
with pods as (

    -- A pod that several clusters have in one hour names no machine.
    select
        pod_namespace,
        pod_name,
        hour_start,
        min(cluster_name) as cluster_name,
        max_by(node_name, coalesce(samples, 1)) as node_name
    from {{ ref('pod_hours') }}
    where node_name is not null
    group by pod_namespace, pod_name, hour_start
    having count(distinct coalesce(cluster_name, '')) = 1

),

-- A series names its machine, or its pod, which others name the machine of.
on_nodes as (

    select
        metrics.*,
        coalesce(pods.node_name, metrics.node_name) as machine_name,
        coalesce(metrics.cluster_name, pods.cluster_name, '') as machine_cluster
    from {{ ref('usage_metric_hours') }} as metrics
    left join pods
        on metrics.pod_namespace = pods.pod_namespace
        and metrics.pod_name = pods.pod_name
        and metrics.hour_start = pods.hour_start
        and coalesce(metrics.cluster_name = pods.cluster_name, true)

),

on_machines as (

    select
        on_nodes.*,
        coalesce(
            on_nodes.provider_name, nodes.provider, hosts.provider,
            case when on_nodes.machine_name like 'i-%' then 'aws' end
        ) as machine_provider,
        coalesce(
            on_nodes.resource_name, nodes.resource_key, hosts.resource_key,
            case when on_nodes.machine_name like 'i-%' then on_nodes.machine_name end
        ) as machine_key
    from on_nodes
    {%- for nodes, cluster in (('nodes', 'on_nodes.machine_cluster'), ('hosts', "''")) %}
    left join {{ ref('node_resources') }} as {{ nodes }}
        on on_nodes.machine_name = {{ nodes }}.node_name
        and {{ nodes }}.cluster_name = {{ cluster }}
        and on_nodes.hour_start >= {{ nodes }}.valid_from
        and on_nodes.hour_start < coalesce({{ nodes }}.valid_to, cast('9999-12-31' as timestamp))
    {%- endfor %}

),

told as (

    select source_name, billing_period, hour_start, 1 as covered_hours,
        {{ usage_row(
            by_labels + usage_counted(),
            {'provider_name': 'machine_provider', 'resource_name': 'machine_key'}
        ) }}
    from on_machines
    union all
    select source_name, billing_period, hour_start, 1 as covered_hours,
        {{ usage_row(by_logs) }}
    from {{ ref('usage_request_hours') }}
    union all
    select source_name, billing_period, hour_start, covered_hours,
        {{ usage_row(by_buckets) }}
    from {{ ref('usage_buckets') }}

),

named as (

    select
        told.*,
        coalesce(providers.word, told.provider_name) as provider,
        coalesce(classes.word, lower(told.native_class)) as request_class
    from told
    left join {{ ref('usage_words') }} as providers
        on providers.subject = 'provider' and lower(told.provider_name) = providers.native_word
    left join {{ ref('usage_words') }} as classes
        on classes.subject = 'request_class' and lower(told.native_class) = classes.native_word

)

select
    source_name,
    billing_period,
    hour_start,
    covered_hours,
    provider,
    account_id,
    region_id,
    {{ resource_key('provider', 'resource_name') }} as resource_key,
    deployment_name,
    model_name,
    evidence_kind,
    request_class,
    principal,
    team,
    project,
    credential,
    service_tier,
    stated_currency,
    -- Cached prefixes are taken off the input; more of them than tokens leave none.
    {%- for column in usage_counted() %}
    case when sum({{ column }}) < 0 then 0 else sum({{ column }}) end as {{ column }},
    {%- endfor %}
    max(provisioned_utilisation_ratio) as provisioned_utilisation_ratio,
    sum(stated_cost) as stated_cost,
    max(stated_input_price) as stated_input_price,
    max(stated_output_price) as stated_output_price,
    max(stated_cache_read_price) as stated_cache_read_price
from named
group by all
