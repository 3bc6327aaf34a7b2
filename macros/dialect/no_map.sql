{#- NULL of the type of the tag columns: a mapping without a map says so. -#}
{% macro no_map() -%}
    {{ return(adapter.dispatch('no_map')()) }}
{%- endmacro %}

{% macro duckdb__no_map() -%}
    cast(null as map(varchar, varchar))
{%- endmacro %}

{% macro spark__no_map() -%}
    cast(null as map<string, string>)
{%- endmacro %}
