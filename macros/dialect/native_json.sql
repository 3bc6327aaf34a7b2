{#- Tags of a native FOCUS export as a map, from any text they come in: a JSON object, the same
    without its braces (Azure), or a list of key and value objects. NULL where the text is none of
    these, or where a key comes twice in it. -#}
{% macro tags_from_text(text) -%}
    {{ return(adapter.dispatch('tags_from_text')(text)) }}
{%- endmacro %}

{% macro duckdb__tags_from_text(text) -%}
    case left(ltrim({{ text }}), 1)
        when '{' then try_cast(try_cast({{ text }} as json) as map(varchar, varchar))
        when '[' then try(map_from_entries(list_transform(
            from_json(
                replace(replace({{ text }}, '"Key":', '"key":'), '"Value":', '"value":'),
                '[{"key":"VARCHAR","value":"VARCHAR"}]'
            ),
            lambda entry: struct_pack(k := entry.key, v := entry.value)
        )))
        else try_cast(try_cast('{' || {{ text }} || '}' as json) as map(varchar, varchar))
    end
{%- endmacro %}

{% macro spark__tags_from_text(text) -%}
    case left(ltrim({{ text }}), 1)
        when '{' then from_json({{ text }}, 'map<string,string>')
        when '[' then map_from_entries(from_json(
            replace(replace({{ text }}, '"Key":', '"key":'), '"Value":', '"value":'),
            'array<struct<key:string,value:string>>'
        ))
        else from_json(concat('{', {{ text }}, '}'), 'map<string,string>')
    end
{%- endmacro %}

{#- A JSON object whose keys, the listed ones aside, start with x_: the custom keys of a provider,
    and those of a draft, in the form that FOCUS asks for. Unchanged where it cannot be read. -#}
{% macro json_with_own_keys_marked(text, keys) -%}
    {{ return(adapter.dispatch('json_with_own_keys_marked')(text, keys)) }}
{%- endmacro %}

{% macro duckdb__json_with_own_keys_marked(text, keys) -%}
    coalesce(
        cast(to_json(try(map_from_entries(list_transform(
            map_entries(try_cast(try_cast({{ text }} as json) as map(varchar, json))),
            lambda entry: struct_pack(
                k := case
                    when left(entry.key, 2) = 'x_' or entry.key in ('{{ keys | join("', '") }}')
                        then entry.key
                    else 'x_' || entry.key
                end,
                v := entry.value
            )
        )))) as varchar),
        {{ text }}
    )
{%- endmacro %}

{% macro spark__json_with_own_keys_marked(text, keys) -%}
    coalesce(
        to_json(map_from_entries(transform(
            map_entries(from_json({{ text }}, 'map<string,string>')),
            entry -> struct(
                case
                    when left(entry.key, 2) = 'x_' or entry.key in ('{{ keys | join("', '") }}')
                        then entry.key
                    else concat('x_', entry.key)
                end,
                entry.value
            )
        ))),
        {{ text }}
    )
{%- endmacro %}
