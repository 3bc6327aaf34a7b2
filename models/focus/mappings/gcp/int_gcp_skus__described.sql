{# Exception to the folder: a narrow table, see int_aws_tags__normalised. #}
{{ config(
    materialized='incremental',
    pre_hook="{{ delete_queued('source_name', 'billing_period') }}"
) }}

-- One row per SKU and its wording in a source and billing period: which accelerator, which AI model
-- and which tokens it is about, as far as its words tell.
with skus as (

    select
        source_name,
        billing_period,
        sku_key,
        max(sku_description) as sku_description
    from {{ ref('int_gcp_billing_rows__classified') }}
    where {{ rebuild_predicate('source_name', 'billing_period') }}
    group by source_name, billing_period, sku_key

),

worded as (

    select
        *,
        coalesce({{ text_matches(
            'sku_description',
            '(GPU|gpu|Gpu|NVIDIA|Nvidia|1 gpu slice) ?.*( running | attached | on | in |slice)'
        ) }} and {{ text_matches('sku_description', '(NVIDIA|Nvidia|GPU|gpu slice)') }}, false)
            as is_gpu,
        lower(sku_description) like '%management fee%' as is_management_fee,
        {{ text_matches('sku_description', '^(Gemini|Gemma|Imagen|Veo|Claude|Llama|Mistral) ') }}
            as is_model,
        lower(sku_description) like '%caching storage%' as is_cache_storage
    from skus

),

modelled as (

    select
        *,
        case
            when is_model
                then nullif(regexp_extract(
                    sku_description,
                    '^((Gemini|Gemma|Imagen|Veo|Claude|Llama|Mistral)( [0-9][0-9.a-z]*)?'
                    || '( (Pro|Flash|Ultra|Nano|Opus|Sonnet|Haiku|Fast|Large|Small|Medium))?'
                    || '( (Lite|Fast))?)',
                    1
                ), '')
        end as model_name
    from worded

)

select
    source_name,
    billing_period,
    sku_key,
    -- Of a GPU SKU one unit is one GPU; its management fee is about the same GPU once more.
    is_gpu and not is_management_fee and sku_description not like 'Commitment%' as is_gpu_sku,
    -- gemini-2.5-flash: what the API calls it.
    replace(lower(model_name), ' ', '-') as model_id,
    case
        when not is_model or is_cache_storage then null
        when sku_description like '%Output%' then 'Output'
        when sku_description like '%Input%' or sku_description like '%Caching%' then 'Input'
    end as token_direction,
    case
        when is_model and not is_cache_storage and sku_description like '%Caching%' then 'Read'
    end as token_cache_action,
    sku_description like '%Data Transfer Out%' or sku_description like '%Egress%'
        as is_transfer_out,
    sku_description like '%Data Transfer In%' or sku_description like '%Ingress%' as is_transfer_in
from modelled
