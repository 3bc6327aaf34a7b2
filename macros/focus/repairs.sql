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

{#- NULL in place of what a provider writes where it has nothing to say. -#}
{% macro placeholder_to_null(expression, placeholders=['NA', 'N/A']) -%}
    {%- set ns = namespace(text=expression) -%}
    {%- for placeholder in placeholders -%}
        {%- set ns.text = 'nullif(' ~ ns.text ~ ", '" ~ placeholder ~ "')" -%}
    {%- endfor -%}
    {{- ns.text -}}
{%- endmacro %}
