-- One row per source, billing period, hour and whatever is told of requests to models: who asked
-- which model where, how many requests and tokens. It holds no billed money; what a log thinks that
-- its requests cost is stated_cost. NULL is what a source does not tell, never zero.
{%- set counted = [
    'requests', 'failed_requests', 'input_tokens', 'output_tokens', 'cache_read_tokens',
    'cache_write_tokens', 'busy_seconds',
] %}
{%- set stated = [
    'stated_cost', 'stated_input_price', 'stated_output_price', 'stated_cache_read_price',
] %}
with pods as (

    select
        pod_namespace,
        pod_name,
        hour_start,
        cluster_name,
        max_by(node_name, samples) as node_name
    from {{ ref('pod_hours') }}
    where node_name is not null
    group by pod_namespace, pod_name, hour_start, cluster_name

),

-- A series names its machine, or its pod, which others name the machine of.
on_machines as (

    select
        metrics.*,
        coalesce(pods.node_name, metrics.node_name) as machine_name,
        coalesce(metrics.cluster_name, pods.cluster_name, '') as machine_cluster
    from {{ ref('usage_metric_hours') }} as metrics
    left join pods
        on metrics.pod_namespace = pods.pod_namespace
        and metrics.pod_name = pods.pod_name
        and metrics.hour_start = pods.hour_start
        and coalesce(metrics.cluster_name, pods.cluster_name) = pods.cluster_name

),

told as (

    select
        machines.source_name,
        machines.billing_period,
        machines.hour_start,
        1 as covered_hours,
        coalesce(
            machines.provider_name, nodes.provider,
            case when machines.machine_name like 'i-%' then 'aws' end
        ) as provider_name,
        machines.account_id,
        machines.region_id,
        coalesce(
            machines.resource_name, nodes.resource_key,
            case when machines.machine_name like 'i-%' then machines.machine_name end
        ) as resource_name,
        machines.deployment_name,
        machines.model_name,
        machines.evidence_kind,
        machines.native_class,
        cast(null as string) as principal,
        cast(null as string) as team,
        cast(null as string) as project,
        cast(null as string) as credential,
        cast(null as string) as service_tier,
        cast(null as string) as stated_currency,
        machines.{{ counted | join(',\n        machines.') }},
        machines.provisioned_utilisation_ratio,
        cast(null as decimal(38, 16)) as {{ stated | join(
            ',\n        cast(null as decimal(38, 18)) as '
        ) }}
    from on_machines as machines
    left join {{ ref('node_resources') }} as nodes
        on machines.machine_name = nodes.node_name
        and nodes.cluster_name in ('', machines.machine_cluster)
        and machines.hour_start >= nodes.valid_from
        and (machines.hour_start < nodes.valid_to or nodes.valid_to is null)
    union all
    select
        source_name,
        billing_period,
        hour_start,
        covered_hours,
        provider_name,
        account_id,
        region_id,
        resource_name,
        deployment_name,
        model_name,
        evidence_kind,
        native_class,
        principal,
        team,
        project,
        credential,
        service_tier,
        stated_currency,
        {{ counted | join(',\n        ') }},
        cast(null as decimal(38, 12)) as provisioned_utilisation_ratio,
        {{ stated | join(',\n        ') }}
    from {{ ref('usage_request_hours') }}

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
    {%- for column in counted %}
    case when sum({{ column }}) < 0 then 0 else sum({{ column }}) end as {{ column }},
    {%- endfor %}
    max(provisioned_utilisation_ratio) as provisioned_utilisation_ratio,
    sum(stated_cost) as stated_cost,
    max(stated_input_price) as stated_input_price,
    max(stated_output_price) as stated_output_price,
    max(stated_cache_read_price) as stated_cache_read_price
from named
group by all
