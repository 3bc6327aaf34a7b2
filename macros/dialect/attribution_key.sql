{#- 63-bit hash of them. It is stored beside the rows it was made from and means nothing elsewhere:
    another engine or version may give another. -#}
{% macro attribution_key() -%}
    {{ return(adapter.dispatch('attribution_key')()) }}
{%- endmacro %}

{% macro duckdb__attribution_key() -%}
    cast(hash({{ attribution_columns() | join(', ') }}) >> 1 as bigint)
{%- endmacro %}

{% macro spark__attribution_key() -%}
    {%- set texts = [] -%}
    {%- for column in attribution_columns() -%}
        {%- do texts.append(
            'to_json(' ~ column ~ ')' if column in attribution_maps() else column
        ) -%}
    {%- endfor -%}
    shiftrightunsigned(xxhash64({{ texts | join(', ') }}), 1)
{%- endmacro %}
