{#- A text as a JSON string, quotes and escapes included; NULL stays NULL. -#}
{% macro json_string(expression) -%}
    {{ return(adapter.dispatch('json_string')(expression)) }}
{%- endmacro %}

{% macro duckdb__json_string(expression) -%}
    cast(to_json({{ expression }}) as string)
{%- endmacro %}

{% macro spark__json_string(expression) -%}
    concat('"', replace(replace({{ expression }}, r'\', r'\\'), '"', r'\"'), '"')
{%- endmacro %}

{#- Members that are not NULL, joined to a JSON object; NULL where there is none. Each pair is a key
    and an expression that gives JSON text. -#}
{% macro json_object(pairs) -%}
    '{' || nullif(concat_ws(
        ','
        {%- for key, value in pairs %},
        '"{{ key }}":' || {{ value }}
        {%- endfor %}
    ), '') || '}'
{%- endmacro %}

{#- Shortest text of a decimal: 2048.0000 gives 2048. NULL where the text is not a number. -#}
{% macro plain_number(expression, scale=4) -%}
    rtrim(rtrim(
        cast(try_cast({{ expression }} as decimal({{ 14 + scale }}, {{ scale }})) as string), '0'
    ), '.')
{%- endmacro %}

{#- Texts of a group joined in the order of another expression. -#}
{% macro ordered_list_text(expression, separator, order_by) -%}
    {{ return(adapter.dispatch('ordered_list_text')(expression, separator, order_by)) }}
{%- endmacro %}

{% macro duckdb__ordered_list_text(expression, separator, order_by) -%}
    string_agg({{ expression }}, '{{ separator }}' order by {{ order_by }})
{%- endmacro %}

{% macro spark__ordered_list_text(expression, separator, order_by) -%}
    listagg({{ expression }}, '{{ separator }}') within group (order by {{ order_by }})
{%- endmacro %}

{#- Bytes of a text: told without reading it. -#}
{% macro text_bytes(text) -%}
    {{ return(adapter.dispatch('text_bytes')(text)) }}
{%- endmacro %}

{% macro duckdb__text_bytes(text) -%}
    strlen({{ text }})
{%- endmacro %}

{% macro spark__text_bytes(text) -%}
    octet_length({{ text }})
{%- endmacro %}
