{#- Tokens of Bedrock, told by the usage type: USE1-NovaPro-cache-read-input-token-count of its own
    models, USE1-MP:USE1_CacheWrite1hInputTokenCount_Global-Units of those of the marketplace.
    Reserved throughput is sold by the hour. -#}

{% macro aws_counts_tokens(usage_type) -%}
    (lower({{ usage_type }}) like '%token%' and lower({{ usage_type }}) not like '%reserved%')
{%- endmacro %}

{#- A unit of the marketplace's models is a million tokens; the bill says so in no column. -#}
{% macro aws_native_unit() -%}
    case
        when
            lower(charges.pricing_unit) = 'units'
            and {{ aws_counts_tokens('charges.usage_type') }}
            and (
                skus.product_name like '%Bedrock%' or charges.product_code like 'AmazonBedrock%'
            )
            then '1m tokens'
        else lower(charges.pricing_unit)
    end
{%- endmacro %}

{% macro aws_is_token_usage() -%}
    (
        service_code like 'AmazonBedrock%'
        and charge_category = 'Usage'
        and {{ aws_counts_tokens('usage_type') }}
    )
{%- endmacro %}

{% macro aws_token_cache_action() -%}
    case
        when {{ text_matches('lower(usage_type)', 'cache[-_]?read') }} then 'Read'
        when {{ text_matches('lower(usage_type)', 'cache[-_]?write.*1h') }} then 'Write 1h'
        when {{ text_matches('lower(usage_type)', 'cache[-_]?write') }} then 'Write 5m'
    end
{%- endmacro %}

{#- Embeddings and training read tokens. -#}
{% macro aws_token_direction() -%}
    case
        when {{ text_matches('lower(usage_type)', '(output|response)') }} then 'Output'
        when {{ text_matches('lower(usage_type)', '(input|cache|embed|training|customization)') }}
            then 'Input'
    end
{%- endmacro %}

{#- Models of the marketplace are in the name of their product, others between region and meter: in
    small letters with hyphens, as every provider's API writes them. -#}
{% macro aws_token_model() -%}
    case
        when service_name like '% (Amazon Bedrock Edition)'
            then replace(
                lower(replace(service_name, ' (Amazon Bedrock Edition)', '')), ' ', '-'
            )
        when usage_type not like '%MP:%' then regexp_replace(
            regexp_replace(lower(usage_type), '^[a-z]{2,5}[0-9]+-', ''),
            '-(mantle-)?(cache-)?(input|output|response|read|write).*$',
            ''
        )
    end
{%- endmacro %}
