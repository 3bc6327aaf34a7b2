-- One row per provider, serving machine or endpoint and hour: what was asked of it, and how busy it
-- was. Several may tell of one hour; whoever is nearest to the work counts.
{% set counted = [
    'requests', 'failed_requests', 'input_tokens', 'output_tokens', 'cache_read_tokens',
    'cache_write_tokens'
] %}
with placed as (

    select
        *,
        -- Deployments whose use of provisioned units is told; others are paid by the token.
        max(provisioned_utilisation_ratio) over (
            partition by provider, resource_key, coalesce(deployment_name, '')
        ) is not null as is_provisioned
    from {{ ref('usage_hours') }}
    where resource_key is not null and covered_hours = 1

),

counting as (

    select * from placed
    qualify
        is_provisioned = bool_or(is_provisioned) over (partition by provider, resource_key)

),

told as (

    select
        provider,
        resource_key,
        hour_start,
        case evidence_kind
            when 'server_metrics' then 1
            when 'endpoint_metrics' then 2
            when 'api_log' then 3
            when 'requests_list' then 4
            else 5
        end as distance,
        min(model_name) as model_name,
        count(distinct model_name) as models,
        max(provisioned_utilisation_ratio) as provisioned_utilisation_ratio,
        {%- for column in counted %}
        sum({{ column }}) as {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from counting
    group by provider, resource_key, hour_start, evidence_kind

),

usage as (

    select
        provider,
        resource_key,
        hour_start,
        case
            when max(models) > 1 then 'several'
            else min_by(model_name, distance) filter (where model_name is not null)
        end as model_name,
        max(provisioned_utilisation_ratio) as provisioned_utilisation_ratio,
        {%- for column in counted %}
        min_by({{ column }}, distance) filter (where {{ column }} is not null) as {{ column }}
        {{- ',' if not loop.last }}
        {%- endfor %}
    from told
    group by provider, resource_key, hour_start

),

-- Hours of which a fifth was not seen tell nothing.
busy as (

    select
        provider,
        resource_key,
        hour_start,
        {{ ratio(
            'sum(machine_share * used_part)',
            'sum(machine_share * (used_part + idle_held_part + idle_free_part + unallocated_part))'
        ) }} as used_ratio
    from {{ ref('accelerator_states') }}
    group by provider, resource_key, hour_start
    having
        sum(machine_share * (used_part + idle_held_part + idle_free_part + unallocated_part))
        >= {{ idle_parameter('covered_from') }}

)

select
    coalesce(usage.provider, busy.provider) as provider,
    coalesce(usage.resource_key, busy.resource_key) as resource_key,
    coalesce(usage.hour_start, busy.hour_start) as hour_start,
    coalesce(aliases.model, usage.model_name) as model,
    usage.provisioned_utilisation_ratio,
    busy.used_ratio,
    {%- for column in counted %}
    usage.{{ column }}{{ ',' if not loop.last }}
    {%- endfor %}
from usage
full outer join busy
    on
        usage.provider = busy.provider
        and usage.resource_key = busy.resource_key
        and usage.hour_start = busy.hour_start
left join {{ ref('model_aliases') }} as aliases on usage.model_name = aliases.model_name
