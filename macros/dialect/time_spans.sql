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

{#- A time so many hours later. -#}
{% macro hours_later(started_at, hours) -%}
    {{ return(adapter.dispatch('hours_later')(started_at, hours)) }}
{%- endmacro %}

{% macro duckdb__hours_later(started_at, hours) -%}
    ({{ started_at }} + to_hours(cast({{ hours }} as bigint)))
{%- endmacro %}

{% macro spark__hours_later(started_at, hours) -%}
    timestampadd(hour, cast({{ hours }} as int), {{ started_at }})
{%- endmacro %}
