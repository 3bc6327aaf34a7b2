{#- JSON as each engine has it: DuckDB has a JSON type, on which Tags->>'team' works, Spark keeps
    text. None of these raises on text that is not JSON. -#}

{#- JSON text as a JSON value. Text that is not JSON becomes NULL instead of failing the query that
    reads it; quality.conformance counts such rows. -#}
{% macro json_column(text) -%}
    {{ return(adapter.dispatch('json_column')(text)) }}
{%- endmacro %}

{% macro duckdb__json_column(text) -%}
    try_cast({{ text }} as json)
{%- endmacro %}

{% macro spark__json_column(text) -%}
    {{ text }}
{%- endmacro %}

{#- A map of text to text as a JSON object. -#}
{% macro json_from_map(map) -%}
    to_json({{ map }})
{%- endmacro %}

{#- Whether text is a JSON object. -#}
{% macro is_json_object(text) -%}
    {{ return(adapter.dispatch('is_json_object')(text)) }}
{%- endmacro %}

{% macro duckdb__is_json_object(text) -%}
    (json_valid({{ text }}) and left(ltrim({{ text }}), 1) = '{')
{%- endmacro %}

{% macro spark__is_json_object(text) -%}
    (try_parse_json({{ text }}) is not null and left(ltrim({{ text }}), 1) = '{')
{%- endmacro %}

{#- The member of a JSON object under a key, as text; NULL where there is none. -#}
{% macro json_member_text(text, key) -%}
    {{ return(adapter.dispatch('json_member_text')(text, key)) }}
{%- endmacro %}

{% macro duckdb__json_member_text(text, key) -%}
    case when json_valid({{ text }}) then json_extract_string({{ text }}, '$.{{ key }}') end
{%- endmacro %}

{% macro spark__json_member_text(text, key) -%}
    get_json_object({{ text }}, '$.{{ key }}')
{%- endmacro %}

{#- Whether every key of a JSON object is in a list or starts with x_; NULL without an object. -#}
{% macro json_has_only_keys(text, keys) -%}
    {{ return(adapter.dispatch('json_has_only_keys')(text, keys)) }}
{%- endmacro %}

{% macro duckdb__json_has_only_keys(text, keys) -%}
    case
        when json_valid({{ text }})
            then len(list_filter(
                json_keys({{ text }}),
                lambda k: left(k, 2) <> 'x_' and k not in ('{{ keys | join("', '") }}')
            )) = 0
    end
{%- endmacro %}

{% macro spark__json_has_only_keys(text, keys) -%}
    forall(
        json_object_keys({{ text }}),
        k -> left(k, 2) = 'x_' or k in ('{{ keys | join("', '") }}')
    )
{%- endmacro %}

{#- Whether any value of a JSON object is an object or a list. Only a text with a second brace can
    hold one: to take every text apart would cost 0.5 s a million rows. -#}
{% macro json_has_nested_value(text) -%}
    {{ return(adapter.dispatch('json_has_nested_value')(text)) }}
{%- endmacro %}

{% macro duckdb__json_has_nested_value(text) -%}
    case
        when position('{' in substr({{ text }}, 2)) > 0 or position('[' in {{ text }}) > 0
            then len(list_filter(
                map_values(try_cast(try_cast({{ text }} as json) as map(varchar, json))),
                lambda v: json_type(v) in ('OBJECT', 'ARRAY')
            )) > 0
        else not json_valid({{ text }})
    end
{%- endmacro %}

{% macro spark__json_has_nested_value(text) -%}
    exists(
        map_values(from_json({{ text }}, 'map<string,string>')),
        v -> left(v, 1) in ('{', '[') and try_parse_json(v) is not null
    )
{%- endmacro %}

{#- Whether any value of a map is itself an object or a list, written as text. -#}
{% macro map_has_nested_value(map) -%}
    {{ return(adapter.dispatch('map_has_nested_value')(map)) }}
{%- endmacro %}

{% macro duckdb__map_has_nested_value(map) -%}
    len(list_filter(
        map_values({{ map }}), lambda v: left(v, 1) in ('{', '[') and json_valid(v)
    )) > 0
{%- endmacro %}

{% macro spark__map_has_nested_value(map) -%}
    exists(
        map_values({{ map }}), v -> left(v, 1) in ('{', '[') and try_parse_json(v) is not null
    )
{%- endmacro %}
