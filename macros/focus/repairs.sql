{#- Codes of the repairs that a row needed, joined by `;`; NULL where nothing was changed. One test
    of all conditions comes first, because most rows need no text built. -#}
{% macro repairs(conditions) -%}
    case
        when {{ conditions.values() | join(' or ') }}
            then concat_ws(
                ';'
                {%- for code, condition in conditions.items() %},
                case when {{ condition }} then '{{ code }}' end
                {%- endfor %}
            )
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
