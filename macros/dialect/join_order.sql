{#- Hooks around a wide model whose joins are written as they shall run: the bill streams through,
    the table on the right is kept in memory. DuckDB guesses sizes after several joins, and where it
    guessed wrong it kept a million bill lines in memory instead (6 of 14 s). -#}
{% macro keep_join_order() -%}
    {{ return(adapter.dispatch('keep_join_order')()) }}
{%- endmacro %}

{% macro duckdb__keep_join_order() -%}
    set disabled_optimizers = 'join_order,build_side_probe_side'
{%- endmacro %}

{% macro default__keep_join_order() -%}
{%- endmacro %}

{% macro free_join_order() -%}
    {{ return(adapter.dispatch('free_join_order')()) }}
{%- endmacro %}

{% macro duckdb__free_join_order() -%}
    reset disabled_optimizers
{%- endmacro %}

{% macro default__free_join_order() -%}
{%- endmacro %}
