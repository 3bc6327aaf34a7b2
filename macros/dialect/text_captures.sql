{#- What the first group of a pattern, itself a column, captures in a text; NULL where it finds
    nothing or there is no pattern. -#}
{% macro text_captured(text, pattern) -%}
    nullif(regexp_extract({{ text }}, coalesce({{ pattern }}, '(^$)'), 1), '')
{%- endmacro %}

{#- A text without whatever a pattern, itself a column, finds in it. -#}
{% macro text_without(text, pattern) -%}
    {{ return(adapter.dispatch('text_without')(text, pattern)) }}
{%- endmacro %}

{% macro duckdb__text_without(text, pattern) -%}
    regexp_replace({{ text }}, {{ pattern }}, '', 'g')
{%- endmacro %}

{% macro spark__text_without(text, pattern) -%}
    regexp_replace({{ text }}, {{ pattern }}, '')
{%- endmacro %}
