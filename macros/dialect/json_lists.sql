{#- Lists of flat records as JSON text: [{"key": "team", "value": "search"}]. Values come as text,
    so that amounts keep their digits. Text that is no such list gives NULL. -#}
{% macro json_records(text, fields) -%}
    {{ return(adapter.dispatch('json_records')(text, fields)) }}
{%- endmacro %}

{% macro duckdb__json_records(text, fields) -%}
    case
        when json_valid({{ text }})
            then from_json(
                {{ text }},
                '[{ {%- for field in fields %}"{{ field }}":"VARCHAR"{{ ',' if not loop.last }}
                {%- endfor %}}]'
            )
    end
{%- endmacro %}

{% macro spark__json_records(text, fields) -%}
    from_json(
        {{ text }},
        'array<struct<
            {%- for field in fields %}{{ field }}:string{{ ',' if not loop.last }}{% endfor %}>>'
    )
{%- endmacro %}

{#- A lateral join to the records of such a list: one row per record, with its number from 1. -#}
{% macro lateral_records(records, alias) -%}
    {{ return(adapter.dispatch('lateral_records')(records, alias)) }}
{%- endmacro %}

{% macro duckdb__lateral_records(records, alias) -%}
    cross join lateral (
        select
            unnest({{ records }}) as record,
            unnest(range(1, len({{ records }}) + 1)) as record_number
    ) as {{ alias }}
{%- endmacro %}

{% macro spark__lateral_records(records, alias) -%}
    cross join lateral (
        select position + 1 as record_number, record
        from posexplode({{ records }}) as exploded (position, record)
    ) as {{ alias }}
{%- endmacro %}
