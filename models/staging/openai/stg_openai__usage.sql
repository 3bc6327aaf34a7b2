-- One row per usage result of an OpenAI organisation: a bucket, project, model and API key;
-- renamed, nothing dropped.
with source as (

    select * from {{ source('raw_openai', 'usage') }}

),

renamed as (

    select
        _source_name as source_name,
        _source_kind as source_kind,
        _billing_period as billing_period,
        _source_file as source_file,
        _source_row as source_row,
        _account as stated_account_id,
        start_time as started_at,
        end_time as ended_at,
        result_object,
        organization_id,
        organization_name,
        project_id,
        project_name,
        user_id,
        api_key_id,
        api_source,
        model,
        is_batch,
        service_tier,
        image_size,
        image_source,
        vector_store_id,
        context_level,
        num_model_requests,
        input_tokens,
        input_uncached_tokens,
        input_cached_tokens,
        input_cache_write_tokens,
        input_cache_write_30m_tokens,
        input_cache_write_12h_tokens,
        input_text_tokens,
        input_cached_text_tokens,
        input_audio_tokens,
        input_cached_audio_tokens,
        input_image_tokens,
        input_cached_image_tokens,
        output_tokens,
        output_text_tokens,
        output_audio_tokens,
        output_image_tokens,
        images,
        characters,
        seconds,
        num_sessions,
        usage_bytes,
        num_requests
    from source

)

select * from renamed
