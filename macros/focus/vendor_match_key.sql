{#- What tells the charges of a day, model and meter apart, as text: only by what cost and usage of
    that day both name. No value is a value: the default workspace, the console instead of a key.
    -#}
{% macro vendor_match_key(rows, days) -%}
    concat_ws(
        '|',
        case when {{ days }}.by_group_id then coalesce({{ rows }}.group_id, '') else '*' end,
        case
            when {{ days }}.by_credential_id then coalesce({{ rows }}.credential_id, '') else '*'
        end,
        case
            when {{ days }}.by_service_tier then coalesce({{ rows }}.service_tier, 'standard')
            else '*'
        end,
        case
            when {{ days }}.by_context_window then coalesce({{ rows }}.context_window, '')
            else '*'
        end,
        case
            when {{ days }}.by_inference_geo then coalesce({{ rows }}.inference_geo, '') else '*'
        end
    )
{%- endmacro %}

{#- Pricing blocks (a million tokens) in a quantity of single units, to nine digits: exact for the
    blocks that vendors price, powers of ten. What is priced by the unit keeps all its digits. -#}
{% macro blocks_of_quantity(amount, block_size) -%}
    case
        when {{ block_size }} = 1 then {{ quantity(amount) }}
        else {{ quantity(
            'cast(' ~ amount ~ ' as decimal(26, 3))'
            ~ ' * cast(cast(1 as double) / ' ~ block_size ~ ' as decimal(10, 9))'
        ) }}
    end
{%- endmacro %}
