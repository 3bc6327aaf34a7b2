-- One row per day, provider, what served it (machine, endpoint or account), deployment, model and
-- request class: requests, tokens, and what they weigh when a cost is shared by them.
{% set counted = [
    'requests', 'failed_requests', 'input_tokens', 'output_tokens', 'cache_read_tokens',
    'cache_write_tokens'
] %}
{% set part -%}
    provider, served_by, is_provisioned, charge_date, deployment_name, model, request_class
{%- endset %}
with placed as (

    select
        *,
        -- Deployments whose use of provisioned units is told; others are paid by the token.
        resource_key is not null
        and max(provisioned_utilisation_ratio) over (
            partition by provider, resource_key, coalesce(deployment_name, '')
        ) is not null as is_provisioned
    from {{ ref('usage_hours') }}
    -- A gateway does not know whom the provider bills; gateway_charges compares it.
    where evidence_kind <> 'gateway'

),

told as (

    select
        usage.provider,
        -- Vendors bill their projects and workspaces, clouds their accounts.
        coalesce(
            usage.resource_key,
            case when usage.provider in ('openai', 'anthropic') then usage.project
                else usage.account_id end,
            ''
        ) as served_by,
        usage.is_provisioned,
        cast(usage.hour_start as date) as charge_date,
        usage.deployment_name,
        coalesce(aliases.model, usage.model_name) as model,
        usage.request_class,
        case usage.evidence_kind
            when 'server_metrics' then 1
            when 'endpoint_metrics' then 2
            when 'api_log' then 3
            else 4
        end as distance,
        {%- for column in counted %}
        sum(usage.{{ column }}) as {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from placed as usage
    left join {{ ref('model_aliases') }} as aliases on usage.model_name = aliases.model_name
    group by
        usage.provider,
        usage.resource_key,
        usage.is_provisioned,
        usage.project,
        usage.account_id,
        cast(usage.hour_start as date),
        usage.deployment_name,
        coalesce(aliases.model, usage.model_name),
        usage.request_class,
        usage.evidence_kind

),

nearest as (

    select * from told
    qualify
        distance = min(distance) over (
            partition by provider, served_by, is_provisioned, charge_date
        )

),

summed as (

    select
        {{ part }},
        {%- for column in counted %}
        {{ quantity('sum(' ~ column ~ ')') }} as {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from nearest
    group by {{ part }}

)

select
    *,
    cast(
        coalesce(input_tokens, 0)
        + coalesce(output_tokens, 0) * {{ inference_parameter('output_weight') }}
        + coalesce(cache_read_tokens, 0) * {{ inference_parameter('cache_read_weight') }}
        + coalesce(cache_write_tokens, 0) * {{ inference_parameter('cache_write_weight') }}
        as double
    ) as token_weight,
    case when input_tokens is not null or output_tokens is not null then
        coalesce(input_tokens, 0) + coalesce(output_tokens, 0) + coalesce(cache_read_tokens, 0)
        + coalesce(cache_write_tokens, 0)
    end as told_tokens
from summed
