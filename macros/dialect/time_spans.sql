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

{#- A time so many seconds later, or earlier where they are negative; parts of a second count. -#}
{% macro seconds_later(started_at, seconds) -%}
    {{ return(adapter.dispatch('seconds_later')(started_at, seconds)) }}
{%- endmacro %}

{% macro duckdb__seconds_later(started_at, seconds) -%}
    ({{ started_at }} + to_microseconds(cast(1000000 * ({{ seconds }}) as bigint)))
{%- endmacro %}

{% macro spark__seconds_later(started_at, seconds) -%}
    timestampadd(microsecond, cast(1000000 * ({{ seconds }}) as bigint), {{ started_at }})
{%- endmacro %}
