-- One row per source, billing period, hour and whatever a log tells of its requests: how many there
-- were and their tokens. Usage reports of vendors come in buckets of up to a day.
{{ config(
    materialized='incremental',
    pre_hook="{{ delete_queued('source_name', 'billing_period') }}"
) }}
{%- set told = [
    'provider_name', 'account_id', 'region_id', 'resource_name', 'deployment_name', 'model_name',
    'evidence_kind', 'native_class', 'principal', 'team', 'project', 'credential', 'service_tier',
    'stated_currency',
] %}
{%- set counted = [
    'requests', 'failed_requests', 'input_tokens', 'output_tokens', 'cache_read_tokens',
    'cache_write_tokens', 'busy_seconds', 'stated_cost',
] %}
{%- set prices = ['stated_input_price', 'stated_output_price', 'stated_cache_read_price'] %}
with requests as (

    select *
    from {{ ref('stg_usage__requests') }}
    where {{ rebuild_predicate('source_name', 'billing_period') }}
    -- Dumps that overlap list a request again; the later file counts.
    qualify
        row_number() over (
            partition by
                source_name, billing_period,
                coalesce(request_id, concat(source_file, '#', cast(source_row as string)))
            order by source_file desc, source_row desc
        ) = 1

),

buckets as (

    select
        source_name,
        billing_period,
        started_at,
        ended_at,
        'openai' as provider_name,
        coalesce(organization_id, stated_account_id) as account_id,
        cast(null as string) as region_id,
        model as model_name,
        split_part(result_object, '.', 3) as native_class,
        user_id as principal,
        project_id as project,
        api_key_id as credential,
        case when is_batch = 'true' then 'batch' else service_tier end as service_tier,
        coalesce(num_model_requests, num_requests) as requests,
        coalesce(
            input_uncached_tokens,
            input_tokens - coalesce(input_cached_tokens, 0)
            - coalesce(input_cache_write_tokens, 0)
        ) as input_tokens,
        output_tokens,
        input_cached_tokens as cache_read_tokens,
        input_cache_write_tokens as cache_write_tokens
    from {{ ref('stg_openai__usage') }}
    where {{ rebuild_predicate('source_name', 'billing_period') }}
    union all
    select
        source_name,
        billing_period,
        started_at,
        ended_at,
        'anthropic' as provider_name,
        coalesce(organization_id, stated_account_id) as account_id,
        inference_geo as region_id,
        model as model_name,
        'messages' as native_class,
        coalesce(account_id, service_account_id) as principal,
        workspace_id as project,
        api_key_id as credential,
        service_tier,
        cast(null as decimal(38, 12)) as requests,
        uncached_input_tokens as input_tokens,
        output_tokens,
        cache_read_input_tokens as cache_read_tokens,
        coalesce(cache_write_5m_tokens, cache_write_1h_tokens * 0)
        + coalesce(cache_write_1h_tokens, cache_write_5m_tokens * 0) as cache_write_tokens
    from {{ ref('stg_anthropic__usage') }}
    where {{ rebuild_predicate('source_name', 'billing_period') }}

),

listed as (

    select
        source_name,
        billing_period,
        date_trunc('hour', requested_at) as hour_start,
        1 as covered_hours,
        {{ (told + counted + prices) | join(',\n        ') }}
    from requests
    union all
    select
        source_name,
        billing_period,
        date_trunc('hour', started_at) as hour_start,
        cast(greatest(1, round(coalesce(
            {{ seconds_between('started_at', 'ended_at') }}, 86400
        ) / 3600)) as integer) as covered_hours,
        provider_name,
        account_id,
        region_id,
        cast(null as string) as resource_name,
        cast(null as string) as deployment_name,
        model_name,
        'api_log' as evidence_kind,
        native_class,
        principal,
        cast(null as string) as team,
        project,
        credential,
        service_tier,
        cast(null as string) as stated_currency,
        requests,
        cast(null as decimal(38, 12)) as failed_requests,
        input_tokens,
        output_tokens,
        cache_read_tokens,
        cache_write_tokens,
        cast(null as decimal(38, 12)) as busy_seconds,
        cast(null as decimal(38, 16)) as stated_cost,
        cast(null as decimal(38, 18)) as stated_input_price,
        cast(null as decimal(38, 18)) as stated_output_price,
        cast(null as decimal(38, 18)) as stated_cache_read_price
    from buckets

)

select
    source_name,
    billing_period,
    hour_start,
    covered_hours,
    {{ told | join(',\n    ') }},
    {%- for column in counted %}
    sum({{ column }}) as {{ column }},
    {%- endfor %}
    {%- for column in prices %}
    max({{ column }}) as {{ column }}{{ ',' if not loop.last }}
    {%- endfor %}
from listed
group by
    source_name, billing_period, hour_start, covered_hours,
    {{ told | join(', ') }}
