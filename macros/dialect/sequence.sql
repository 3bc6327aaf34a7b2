{#- A join that repeats each row `count` times and numbers the copies from 0, as `column` of
    `relation`. -#}
{% macro numbered_copies(count, relation, column) -%}
    {{ return(adapter.dispatch('numbered_copies')(count, relation, column)) }}
{%- endmacro %}

{% macro duckdb__numbered_copies(count, relation, column) -%}
    cross join lateral (
        select unnest(range(cast({{ count }} as bigint))) as {{ column }}
    ) as {{ relation }}
{%- endmacro %}

{% macro spark__numbered_copies(count, relation, column) -%}
    lateral view explode(sequence(0, cast({{ count }} as int) - 1)) {{ relation }} as {{ column }}
{%- endmacro %}
