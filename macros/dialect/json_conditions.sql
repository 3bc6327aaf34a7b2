{#- Conditions on the elements of a list inside a JSON object, and on the keys of a map. -#}

{#- A member of the element that json_list_holds looks at, as text; NULL where there is none. -#}
{% macro json_element_text(key) -%}
    {{ return(adapter.dispatch('json_element_text')(key)) }}
{%- endmacro %}

{% macro duckdb__json_element_text(key) -%}
    json_extract_string(element, '$.{{ key }}')
{%- endmacro %}

{% macro spark__json_element_text(key) -%}
    get_json_object(element, '$.{{ key }}')
{%- endmacro %}

{#- Whether a condition, written with json_element_text, holds for every element of the list that a
    JSON object has under a key. NULL where the text is no JSON; true where there is no list. -#}
{% macro json_list_holds(text, list_key, condition) -%}
    {{ return(adapter.dispatch('json_list_holds')(text, list_key, condition)) }}
{%- endmacro %}

{% macro duckdb__json_list_holds(text, list_key, condition) -%}
    case
        when json_valid({{ text }})
            then len(list_filter(
                json_extract({{ text }}, '$.{{ list_key }}[*]'),
                lambda element: ({{ condition }}) is not true
            )) = 0
    end
{%- endmacro %}

{% macro spark__json_list_holds(text, list_key, condition) -%}
    case
        when try_parse_json({{ text }}) is not null
            then coalesce(forall(
                from_json(get_json_object({{ text }}, '$.{{ list_key }}'), 'array<string>'),
                element -> ({{ condition }}) is true
            ), true)
    end
{%- endmacro %}

{#- Whether a map has a key without a character. -#}
{% macro map_has_blank_key(map) -%}
    {{ return(adapter.dispatch('map_has_blank_key')(map)) }}
{%- endmacro %}

{% macro duckdb__map_has_blank_key(map) -%}
    list_contains(map_keys({{ map }}), '')
{%- endmacro %}

{% macro spark__map_has_blank_key(map) -%}
    array_contains(map_keys({{ map }}), '')
{%- endmacro %}
