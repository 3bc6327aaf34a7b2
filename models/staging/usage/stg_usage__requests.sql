-- One row per request, or bundle of requests, that a log or list names.
with source as (

    select * from {{ source('raw_usage', 'requests') }}

),

renamed as (

    select
        _source_name as source_name,
        _source_kind as source_kind,
        _billing_period as billing_period,
        _source_file as source_file,
        _source_row as source_row,
        requested_at,
        request_id,
        evidence_kind,
        provider as provider_name,
        account_id,
        region_id,
        resource_name,
        deployment_name,
        model_name,
        native_class,
        principal,
        team,
        project,
        credential,
        service_tier,
        requests,
        failed_requests,
        input_tokens,
        output_tokens,
        cache_read_tokens,
        cache_write_tokens,
        busy_seconds,
        stated_cost,
        stated_currency,
        stated_input_price,
        stated_output_price,
        stated_cache_read_price,
        content_characters
    from source

)

select * from renamed
