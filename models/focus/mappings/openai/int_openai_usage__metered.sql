-- One row per OpenAI usage result and meter: a quantity that no other row counts again.
-- input_tokens includes cached tokens and cache writes, so those are taken out of it. Audio always
-- has a price of its own and is its own meter; images are one for models that make images, for
-- other models they are billed as input.
{% set quantities = {
    'input': 'uncached_tokens - coalesce(input_audio_tokens, 0) - separate_image_input',
    'cached_input':
        'coalesce(input_cached_tokens, 0) - coalesce(input_cached_audio_tokens, 0)'
        ~ ' - separate_cached_image_input',
    'cache_write_input': 'cache_write_tokens',
    'output': 'output_tokens - coalesce(output_audio_tokens, 0) - separate_image_output',
    'audio_input': 'input_audio_tokens',
    'cached_audio_input': 'input_cached_audio_tokens',
    'audio_output': 'output_audio_tokens',
    'image_input': 'separate_image_input',
    'cached_image_input': 'separate_cached_image_input',
    'image_output': 'separate_image_output',
} %}
{% set measures = {
    'moderation': ('moderations', 'input_tokens'),
    'image': ('images', 'images'),
    'speech': ('audio_speeches', 'characters'),
    'transcription': ('audio_transcriptions', 'seconds'),
    'code_interpreter': ('code_interpreter_sessions', 'num_sessions'),
    'vector_store': ('vector_stores', 'usage_bytes'),
    'web_search': ('web_searches', 'num_requests'),
    'file_search': ('file_searches', 'num_requests'),
} %}

with usage as (

    select
        *,
        split_part(result_object, '.', 3) as subject,
        coalesce(
            input_cache_write_tokens,
            coalesce(input_cache_write_30m_tokens, 0) + coalesce(input_cache_write_12h_tokens, 0)
        ) as cache_write_tokens,
        lower(model) like '%image%' as makes_images
    from {{ ref('stg_openai__usage') }}

),

separated as (

    select
        *,
        coalesce(
            input_uncached_tokens,
            input_tokens - coalesce(input_cached_tokens, 0) - cache_write_tokens
        ) as uncached_tokens,
        case when makes_images then coalesce(input_image_tokens, 0) else 0 end
            as separate_image_input,
        case when makes_images then coalesce(input_cached_image_tokens, 0) else 0 end
            as separate_cached_image_input,
        case when makes_images then coalesce(output_image_tokens, 0) else 0 end
            as separate_image_output
    from usage

),

metered as (

    select
        separated.*,
        meters.meter,
        case
            {%- for meter, quantity in quantities.items() %}
            when meters.meter = '{{ meter }}' and subject in ('completions', 'embeddings')
                then {{ quantity }}
            {%- endfor %}
            {%- for meter, (subject, quantity) in measures.items() %}
            when meters.meter = '{{ meter }}' and subject = '{{ subject }}' then {{ quantity }}
            {%- endfor %}
        end as metered_quantity
    from separated
    cross join {{ ref('ai_vendor_meters') }} as meters
    where meters.provider = 'openai'

)

select
    'openai' as provider,
    source_name,
    billing_period,
    source_file,
    source_row,
    coalesce(organization_id, stated_account_id) as account_id,
    cast(started_at as date) as usage_date,
    subject as usage_subject,
    project_id as group_id,
    api_key_id as credential_id,
    -- The bill charges tools whatever model calls them.
    case when meter not in ('web_search', 'file_search') then model end as model_id,
    meter,
    case
        when meter in ('web_search', 'file_search') then null
        when lower(is_batch) = 'true' then 'batch'
        when service_tier in ('default', 'auto') then 'standard'
        when service_tier is not null then service_tier
        when is_batch is not null then 'standard'
    end as service_tier,
    cast(null as string) as context_window,
    cast(null as string) as inference_geo,
    metered_quantity
from metered
where metered_quantity <> 0
