{#- JSON as each engine has it. DuckDB has a JSON type, on which Tags->>'team' works; Spark keeps text. -#}

{#- JSON text as a JSON value; text that is not JSON becomes NULL instead of failing the reader's query
    (quality.conformance counts such rows). -#}
{% macro json_column(text) %}{{ return(adapter.dispatch('json_column')(text)) }}{% endmacro %}
{% macro default__json_column(text) %}try_cast({{ text }} as json){% endmacro %}
{% macro spark__json_column(text) %}{{ text }}{% endmacro %}

{#- A map of text to text as a JSON object. -#}
{% macro json_from_map(map) %}{{ return(adapter.dispatch('json_from_map')(map)) }}{% endmacro %}
{% macro default__json_from_map(map) %}to_json({{ map }}){% endmacro %}
{% macro spark__json_from_map(map) %}to_json({{ map }}){% endmacro %}

{#- Whether text is a JSON object: never raises, whatever the text. -#}
{% macro is_json_object(text) %}{{ return(adapter.dispatch('is_json_object')(text)) }}{% endmacro %}
{% macro default__is_json_object(text) %}(json_valid({{ text }}) and left(ltrim({{ text }}), 1) = '{'){% endmacro %}
{% macro spark__is_json_object(text) -%}
(try_parse_json({{ text }}) is not null and left(ltrim({{ text }}), 1) = '{')
{%- endmacro %}

{#- The array under a key of a JSON object, as text; NULL where there is none or the text is no JSON. -#}
{% macro json_array_text(text, key) %}{{ return(adapter.dispatch('json_array_text')(text, key)) }}{% endmacro %}
{% macro default__json_array_text(text, key) -%}
case when json_valid({{ text }}) then nullif(json_extract_string({{ text }}, '$.{{ key }}'), '') end
{%- endmacro %}
{% macro spark__json_array_text(text, key) %}get_json_object({{ text }}, '$.{{ key }}'){% endmacro %}

{#- Whether any value of a map is itself an object or a list written as text. -#}
{% macro map_has_nested_value(map) %}{{ return(adapter.dispatch('map_has_nested_value')(map)) }}{% endmacro %}
{% macro default__map_has_nested_value(map) -%}
len(list_filter(map_values({{ map }}), lambda v: json_valid(v) and left(v, 1) in ('{', '['))) > 0
{%- endmacro %}
{% macro spark__map_has_nested_value(map) -%}
exists(map_values({{ map }}), v -> try_parse_json(v) is not null and left(v, 1) in ('{', '['))
{%- endmacro %}
