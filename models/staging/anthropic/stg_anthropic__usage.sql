-- One row per result of an Anthropic usage report: a bucket, workspace, model and API key;
-- renamed, nothing dropped.
with source as (

    select * from {{ source('raw_anthropic', 'usage') }}

),

renamed as (

    select
        _source_name as source_name,
        _source_kind as source_kind,
        _billing_period as billing_period,
        _source_file as source_file,
        _source_row as source_row,
        _account as stated_account_id,
        starting_at as started_at,
        ending_at as ended_at,
        organization_id,
        workspace_id,
        workspace_name,
        api_key_id,
        model,
        service_tier,
        context_window,
        inference_geo,
        speed,
        account_id,
        service_account_id,
        uncached_input_tokens,
        cache_read_input_tokens,
        cache_write_5m_tokens,
        cache_write_1h_tokens,
        output_tokens,
        web_search_requests
    from source

)

select * from renamed
