{#- Codes of the repairs that a row needed, joined by `;`; NULL where nothing was changed. Text is
    built only for rows with a rare repair: the two usual ones have a constant for each
    combination. -#}
{% macro repairs(usual, rare) -%}
    {%- set codes = usual | list -%}
    {%- set tests = usual.values() | list -%}
    case
        when {% for test in rare.values() %}{{ 'or ' if not loop.first }}({{ test }}) {% endfor %}
            then concat_ws(
                ';'
                {%- for code, test in rare.items() %},
                case when {{ test }} then '{{ code }}' end
                {%- endfor %}
                {%- for code, test in usual.items() %},
                case when {{ test }} then '{{ code }}' end
                {%- endfor %}
            )
        when {{ tests[0] }}
            then case
                when {{ tests[1] }} then '{{ codes[0] }};{{ codes[1] }}' else '{{ codes[0] }}'
            end
        when {{ tests[1] }} then '{{ codes[1] }}'
    end
{%- endmacro %}

{#- NULL in place of what a provider writes where it has nothing to say. Not as nullif in nullif:
    engines write its first argument twice, so nine words made 512 copies of it and planning took
    longer than a month's conversion. -#}
{% macro placeholder_to_null(expression, placeholders=['NA', 'N/A']) -%}
    case
        when {{ expression }} not in ('{{ placeholders | join("', '") }}') then {{ expression }}
    end
{%- endmacro %}
