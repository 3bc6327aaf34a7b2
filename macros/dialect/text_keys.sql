{#- One 64-bit key of several texts; NULLs count as values. As unlikely to meet twice as map_key.
    -#}
{% macro text_key(texts) -%}
    {{ return(adapter.dispatch('text_key')(texts)) }}
{%- endmacro %}

{% macro duckdb__text_key(texts) -%}
    hash({{ texts | join(', ') }})
{%- endmacro %}

{% macro spark__text_key(texts) -%}
    xxhash64({{ texts | join(', ') }})
{%- endmacro %}
