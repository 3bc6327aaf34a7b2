{#- Seconds from one time to a later one, with fractions. -#}
{% macro seconds_between(started_at, ended_at) -%}
    {{ return(adapter.dispatch('seconds_between')(started_at, ended_at)) }}
{%- endmacro %}

{% macro duckdb__seconds_between(started_at, ended_at) -%}
    (epoch({{ ended_at }}) - epoch({{ started_at }}))
{%- endmacro %}

{% macro spark__seconds_between(started_at, ended_at) -%}
    (cast({{ ended_at }} as double) - cast({{ started_at }} as double))
{%- endmacro %}
