-- One row per source, billing period and result of a vendor's usage report: a bucket of up to a
-- day.
{{ config(
    materialized='incremental',
    pre_hook="{{ delete_queued('source_name', 'billing_period') }}"
) }}
with reported as (

    select
        source_name,
        billing_period,
        started_at,
        ended_at,
        'openai' as provider_name,
        'api_log' as evidence_kind,
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
        'api_log' as evidence_kind,
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

)

select
    *,
    date_trunc('hour', started_at) as hour_start,
    cast(greatest(1, round(coalesce(
        {{ seconds_between('started_at', 'ended_at') }}, 86400
    ) / 3600)) as integer) as covered_hours
from reported
