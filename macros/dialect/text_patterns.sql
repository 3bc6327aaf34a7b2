{#- Whether text contains a match of a pattern that is itself a column: a rule of a policy seed. -#}
{% macro text_matches_pattern(text, pattern) -%}
    {{ return(adapter.dispatch('text_matches_pattern')(text, pattern)) }}
{%- endmacro %}

{% macro duckdb__text_matches_pattern(text, pattern) -%}
    regexp_matches({{ text }}, {{ pattern }})
{%- endmacro %}

{% macro spark__text_matches_pattern(text, pattern) -%}
    ({{ text }} rlike {{ pattern }})
{%- endmacro %}
