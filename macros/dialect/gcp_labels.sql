{#- Key and value pairs of a list of label records, keys with a prefix that tells their origin, in
    the order of keys and values; records without a value are left out. -#}
{% macro gcp_label_entries(records, prefix) -%}
    {{ return(adapter.dispatch('gcp_label_entries')(records, prefix)) }}
{%- endmacro %}

{% macro duckdb__gcp_label_entries(records, prefix) -%}
    coalesce(list_sort(list_transform(
        list_filter({{ records }}, lambda r: coalesce(r.value, '') <> ''),
        lambda r: struct_pack(tag_key := '{{ prefix }}' || r.key, tag_value := r.value)
    )), [])
{%- endmacro %}

{% macro spark__gcp_label_entries(records, prefix) -%}
    coalesce(array_sort(transform(
        filter({{ records }}, r -> coalesce(r.value, '') <> ''),
        r -> named_struct('tag_key', concat('{{ prefix }}', r.key), 'tag_value', r.value)
    )), array())
{%- endmacro %}

{#- One list of several, in this order. -#}
{% macro joined_lists(lists) -%}
    {{ return(adapter.dispatch('joined_lists')(lists)) }}
{%- endmacro %}

{% macro duckdb__joined_lists(lists) -%}
    {{ lists | join(' || ') }}
{%- endmacro %}

{% macro spark__joined_lists(lists) -%}
    concat({{ lists | join(', ') }})
{%- endmacro %}

{#- Entries of a map whose keys start with one of some texts; NULL where none does. -#}
{% macro map_with_prefixes(map, prefixes) -%}
    {{ return(adapter.dispatch('map_with_prefixes')(map, prefixes)) }}
{%- endmacro %}

{% macro duckdb__map_with_prefixes(map, prefixes) -%}
    nullif(map_from_entries(list_filter(
        map_entries({{ map }}),
        lambda e: {% for prefix in prefixes %}{{ 'or ' if not loop.first -}}
            starts_with(e.key, '{{ prefix }}') {% endfor %}
    )), map {})
{%- endmacro %}

{% macro spark__map_with_prefixes(map, prefixes) -%}
    case
        when exists(map_keys({{ map }}), k -> {% for prefix in prefixes %}
            {{- 'or ' if not loop.first }}k like '{{ prefix }}%' {% endfor %})
            then map_filter({{ map }}, (k, v) -> {% for prefix in prefixes %}
                {{- 'or ' if not loop.first }}k like '{{ prefix }}%' {% endfor %})
    end
{%- endmacro %}

{#- Names of the folders and the organisation above a project, outermost first. The export lists the
    project first; a list that starts with the organisation is taken as it is. -#}
{% macro gcp_ancestor_path(records) -%}
    {{ return(adapter.dispatch('gcp_ancestor_path')(records)) }}
{%- endmacro %}

{% macro duckdb__gcp_ancestor_path(records) -%}
    nullif(array_to_string(list_transform(
        list_filter(
            case
                when starts_with({{ records }}[1].resource_name, 'organizations/')
                    then {{ records }}
                else list_reverse({{ records }})
            end,
            lambda r: not starts_with(coalesce(r.resource_name, ''), 'projects/')
        ),
        lambda r: coalesce(nullif(r.display_name, ''), r.resource_name)
    ), ' / '), '')
{%- endmacro %}

{% macro spark__gcp_ancestor_path(records) -%}
    nullif(array_join(transform(
        filter(
            case
                when try_element_at({{ records }}, 1).resource_name like 'organizations/%'
                    then {{ records }}
                else reverse({{ records }})
            end,
            r -> coalesce(r.resource_name, '') not like 'projects/%'
        ),
        r -> coalesce(nullif(r.display_name, ''), r.resource_name)
    ), ' / '), '')
{%- endmacro %}
