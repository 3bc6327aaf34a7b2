-- One row per Anthropic usage result and meter: a quantity that no other row counts again.
-- The report's classes of tokens do not overlap: each is a meter.
{% set quantities = {
    'input': 'uncached_input_tokens',
    'cached_input': 'cache_read_input_tokens',
    'cache_write_5m_input': 'cache_write_5m_tokens',
    'cache_write_1h_input': 'cache_write_1h_tokens',
    'output': 'output_tokens',
    'web_search': 'web_search_requests',
} %}

with usage as (

    select * from {{ ref('stg_anthropic__usage') }}

),

metered as (

    select
        usage.*,
        meters.meter,
        case meters.meter
            {%- for meter, quantity in quantities.items() %}
            when '{{ meter }}' then {{ quantity }}
            {%- endfor %}
        end as metered_quantity
    from usage
    cross join {{ ref('ai_vendor_meters') }} as meters
    where meters.provider = 'anthropic'

)

select
    'anthropic' as provider,
    source_name,
    billing_period,
    source_file,
    source_row,
    coalesce(organization_id, stated_account_id) as account_id,
    cast(started_at as date) as usage_date,
    'messages' as usage_subject,
    coalesce(workspace_id, workspace_name) as group_id,
    api_key_id as credential_id,
    -- The bill charges searches whatever model asks for them.
    case when meter <> 'web_search' then model end as model_id,
    meter,
    case when meter <> 'web_search' then service_tier end as service_tier,
    case when meter <> 'web_search' then context_window end as context_window,
    case when meter <> 'web_search' then inference_geo end as inference_geo,
    metered_quantity
from metered
where metered_quantity <> 0
