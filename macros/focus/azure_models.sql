{#- Meters of AI services. Names are abbreviations in many spellings (Inp, Inpt; Outp, outpt, opt;
    cached, cchd, cd): words are compared in lower case, between blanks and hyphens. -#}

{% macro azure_is_model_meter() -%}
    not {{ text_matches(
        'lower(meter_name)',
        '(provisioned|ptu|tool-calls|tool calls|file search|file-search|code interpreter|container)'
    ) }}
{%- endmacro %}

{#- Hourly units of tuned models, tool calls and images are no tokens. -#}
{% macro azure_is_token_meter() -%}
    (
        {{ text_matches('lower(meter_name)', '(token|tkn)') }}
        and lower(unit_of_measure) not like '%hour%'
    )
{%- endmacro %}

{% macro azure_cache_action(name) -%}
    case
        when {{ text_matches(name, '(^|[ -])(cd|cache|cached|cchd) (wr|write)') }} then 'Write'
        when {{ text_matches(name, '(^|[ -])(cd|c+hd|cached|cache)([ -]|$)') }} then 'Read'
    end
{%- endmacro %}

{#- Embeddings and training read tokens. -#}
{% macro azure_token_direction(name) -%}
    case
        when {{ azure_cache_action(name) }} is not null then 'Input'
        when {{ text_matches(name, '(^|[ -])(outp|outpt|opt|out|output)([ -]|$)') }} then 'Output'
        when {{ text_matches(name, '(^|[ -])(inp|inpt|input|trng|training)([ -]|$)') }}
            or {{ text_matches(name, 'embedding') }}
            then 'Input'
    end
{%- endmacro %}

{#- The model's name: what stands before the first word about direction, cache, scope or batch. One
    model is `gpt 4o 0806` in one meter and `gpt-4o-0806` in the next: both are the latter. -#}
{% macro azure_model_of_meter(name) -%}
    {%- set words = 'cd|c+hd|cached|cache|inp|inpt|input|outp|outpt|opt|out|output|batch|ft|shortco'
                    ~ '|longco|gl|glbl|global|regnl|regional|rgnl|dzone|dz|rt|hd|std|1m|tokens|tkn'
                    ~ '|images' -%}
    nullif(replace(
        trim(regexp_replace(lower({{ name }}), '[ -]+({{ words }})([ -].*|$)', '')), ' ', '-'
    ), '')
{%- endmacro %}

{#- Places that are no region, in lower case. -#}
{% macro azure_no_regions() -%}
    '', 'global', 'all regions', 'any', 'intercontinental', 'unknown', 'unassigned', 'zone 1',
    'zone 2', 'zone 3', 'zone 4', 'zone 5'
{%- endmacro %}
