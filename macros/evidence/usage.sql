{#- What logs tell of a request besides its numbers. -#}
{% macro usage_told() -%}
    {{ return([
        'provider_name', 'account_id', 'region_id', 'resource_name', 'deployment_name',
        'model_name', 'evidence_kind', 'native_class', 'principal', 'team', 'project',
        'credential', 'service_tier', 'stated_currency',
    ]) }}
{%- endmacro %}

{#- Numbers of requests, whoever tells them. -#}
{% macro usage_counted() -%}
    {{ return([
        'requests', 'failed_requests', 'input_tokens', 'output_tokens', 'cache_read_tokens',
        'cache_write_tokens', 'busy_seconds',
    ]) }}
{%- endmacro %}

{#- All columns of a row of usage in one order: those that a relation has by their name or under
    another (`renamed`), the others as NULL of their type. -#}
{% macro usage_row(has, renamed={}) -%}
    {%- set columns = usage_told() + usage_counted() + [
        'provisioned_utilisation_ratio', 'stated_cost', 'stated_input_price',
        'stated_output_price', 'stated_cache_read_price',
    ] -%}
    {%- for column in columns -%}
        {%- if column in renamed -%}
            {{ renamed[column] }} as {{ column }}
        {%- elif column in has -%}
            {{ column }}
        {%- elif column in usage_told() -%}
            cast(null as string) as {{ column }}
        {%- elif column == 'stated_cost' -%}
            {{ money('null') }} as {{ column }}
        {%- elif column.endswith('price') -%}
            cast(null as decimal(38, 18)) as {{ column }}
        {%- else -%}
            {{ quantity('null') }} as {{ column }}
        {%- endif -%}
        {{ ', ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{#- What labels of a server's or endpoint's series tell, names of labels in one spelling. `hours`
    has the columns of a dump beside the labels. -#}
{% macro usage_labels(hours, metrics) -%}
    {%- set found = hours ~ '.found' -%}
    coalesce(
        {{ metrics }}.provider, {{ found }}['gen_ai_provider_name'], {{ found }}['gen_ai_system']
    ) as provider_name,
    coalesce(
        {{ found }}['account_id'], {{ found }}['cloud_account_id'], {{ found }}['project_id'],
        {{ found }}['resource_container'],
        nullif(split_part({{ found }}['resource_id'], '/', 3), '')
    ) as account_id,
    coalesce({{ found }}['region'], {{ found }}['cloud_region'], {{ found }}['location'])
        as region_id,
    {{ usage_resource(found) }} as resource_name,
    coalesce(
        {{ found }}['modeldeploymentname'], {{ found }}['variantname'],
        {{ found }}['deployed_model_id'], {{ found }}['service_name'], {{ found }}['job']
    ) as deployment_name,
    coalesce(
        {{ found }}['gen_ai_response_model'], {{ found }}['gen_ai_request_model'],
        {{ hours }}.model_name, {{ found }}['model_name'], {{ found }}['modelname'],
        {{ found }}['modelid'], {{ found }}['model_user_id'], {{ found }}['model_id'],
        {{ found }}['model']
    ) as model_name,
    {{ found }}['gen_ai_operation_name'] as native_class,
    coalesce({{ hours }}.cluster, {{ found }}['cluster'], {{ found }}['k8s_cluster_name'])
        as cluster_name,
    coalesce(
        {{ hours }}.instance_id, {{ found }}['instance_id'], {{ found }}['host_id'],
        {{ hours }}.hostname, {{ hours }}.node, {{ found }}['node'], {{ found }}['hostname'],
        {{ found }}['k8s_node_name'], {{ found }}['host_name'],
        split_part({{ found }}['instance'], ':', 1)
    ) as node_name,
    coalesce(
        {{ hours }}.exported_namespace, {{ hours }}.namespace, {{ found }}['exported_namespace'],
        {{ found }}['namespace'], {{ found }}['k8s_namespace_name']
    ) as pod_namespace,
    coalesce(
        {{ hours }}.exported_pod, {{ hours }}.pod, {{ found }}['exported_pod'], {{ found }}['pod'],
        {{ found }}['k8s_pod_name']
    ) as pod_name
{%- endmacro %}

{#- An endpoint under the name that its bill gives it; without account or region its bare name. -#}
{% macro usage_resource(found) -%}
    case
        when {{ found }}['endpointname'] is not null then
            coalesce(
                'arn:aws:sagemaker:' || {{ found }}['region'] || ':' || {{ found }}['account_id']
                || ':endpoint/' || lower({{ found }}['endpointname']),
                {{ found }}['endpointname']
            )
        when {{ found }}['endpoint_id'] is not null then
            coalesce(
                '//aiplatform.googleapis.com/projects/'
                || coalesce({{ found }}['resource_container'], {{ found }}['project_id'])
                || '/locations/' || {{ found }}['location'] || '/endpoints/'
                || {{ found }}['endpoint_id'],
                {{ found }}['endpoint_id']
            )
        when {{ found }}['resource_id'] like '/subscriptions/%' then {{ found }}['resource_id']
    end
{%- endmacro %}
