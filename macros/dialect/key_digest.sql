{#- Digest of all that rules may look at, by which a charge's key is known again in a later build or
    on another engine; x_attribution_key is good for one build only. -#}
{% macro key_digest(keys) -%}
    {%- set texts = [] -%}
    {%- for column in attribution_columns() -%}
        {%- do texts.append(
            'coalesce(' ~ (
                map_text(keys ~ '.' ~ column) if column in attribution_maps()
                else keys ~ '.' ~ column
            ) ~ ", '')"
        ) -%}
    {%- endfor -%}
    md5(concat_ws('|', {{ texts | join(', ') }}))
{%- endmacro %}

{#- A map as text, whatever the order of its entries. -#}
{% macro map_text(map) -%}
    {{ return(adapter.dispatch('map_text')(map)) }}
{%- endmacro %}

{% macro duckdb__map_text(map) -%}
    list_aggregate(
        list_sort(list_transform(
            map_entries({{ map }}), lambda entry: concat(entry.key, '=', entry.value)
        )),
        'string_agg', ';'
    )
{%- endmacro %}

{% macro spark__map_text(map) -%}
    array_join(
        array_sort(transform(
            map_entries({{ map }}), entry -> concat(entry.key, '=', coalesce(entry.value, ''))
        )),
        ';'
    )
{%- endmacro %}
