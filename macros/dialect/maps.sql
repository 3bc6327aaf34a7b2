{#- Key under which equal tag sets are resolved once. 64 bits: among a million different sets of
    one month two collide with a chance of 1 in 37 million; md5 of the text costs twice as much. -#}
{% macro map_key(map_column) -%}
    {{ return(adapter.dispatch('map_key')(map_column)) }}
{%- endmacro %}

{% macro duckdb__map_key(map_column) -%}
    hash({{ map_column }})
{%- endmacro %}

{% macro spark__map_key(map_column) -%}
    xxhash64(to_json({{ map_column }}))
{%- endmacro %}

{#- List of (native key, key, value) without empty values, in the order of the native keys. -#}
{% macro tag_entries(map_column, key_macro) -%}
    {{ return(adapter.dispatch('tag_entries')(map_column, key_macro)) }}
{%- endmacro %}

{% macro duckdb__tag_entries(map_column, key_macro) -%}
    list_sort(list_transform(
        list_filter(
            map_entries({{ map_column }}),
            lambda entry: entry.value is not null and entry.value <> ''
        ),
        lambda entry: struct_pack(
            native_key := entry.key,
            tag_key := {{ key_macro('entry.key') }},
            tag_value := entry.value
        )
    ))
{%- endmacro %}

{% macro spark__tag_entries(map_column, key_macro) -%}
    array_sort(transform(
        filter(
            map_entries({{ map_column }}), entry -> entry.value is not null and entry.value <> ''
        ),
        entry -> named_struct(
            'native_key', entry.key,
            'tag_key', {{ key_macro('entry.key') }},
            'tag_value', entry.value
        )
    ))
{%- endmacro %}

{#- Map of such a list. Of entries that come to the same key the first keeps it: both engines refuse
    a map with a key twice. -#}
{% macro map_of_entries(entries) -%}
    {{ return(adapter.dispatch('map_of_entries')(entries)) }}
{%- endmacro %}

{% macro duckdb__map_of_entries(entries) -%}
    map_from_entries(list_transform(
        list_filter(
            {{ entries }},
            lambda entry, position: list_position(
                list_transform({{ entries }}, lambda other: other.tag_key), entry.tag_key
            ) = position
        ),
        lambda entry: struct_pack(k := entry.tag_key, v := entry.tag_value)
    ))
{%- endmacro %}

{% macro spark__map_of_entries(entries) -%}
    map_from_entries(transform(
        filter(
            {{ entries }},
            (entry, position) -> array_position(
                transform({{ entries }}, other -> other.tag_key), entry.tag_key
            ) = position + 1
        ),
        entry -> struct(entry.tag_key, entry.tag_value)
    ))
{%- endmacro %}
