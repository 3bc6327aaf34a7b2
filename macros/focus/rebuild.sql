{#- Which rows an incremental model reads and replaces. The queue is read while dbt renders the
    statement and becomes constants: only constants let the engine skip the files of other months.
    Two bounds come before the exact pairs because DuckDB carries bounds across a join to the other
    side, but not a list of pairs; they keep lookups from reading all of history.
    This is the one macro that runs a query. -#}
{% macro rebuild_predicate(source_column, period_column) -%}
    {%- if not execute or not is_incremental() -%}
        true
    {%- else -%}
        {%- set queued = queued_periods() -%}
        {%- if not queued -%}
            false
        {%- else -%}
            {%- set sources = queued | map(attribute=0) | list -%}
            {%- set periods = queued | map(attribute=1) | list -%}
            {{ source_column }} between '{{ sources | min }}' and '{{ sources | max }}'
            and {{ period_column }} between '{{ periods | min }}' and '{{ periods | max }}'
            {%- if queued | length > 1 %}
            and (
                {%- for source_name, billing_period in queued %}
                {{ 'or ' if not loop.first -}}
                (
                    {{ source_column }} = '{{ source_name }}'
                    and {{ period_column }} = '{{ billing_period }}'
                )
                {%- endfor %}
            )
            {%- endif -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}

{% macro queued_periods() -%}
    {%- set rows = run_query(
        'select distinct source_name, billing_period from '
        ~ source('raw_ops', 'rebuild_queue') ~ ' order by 1, 2'
    ).rows -%}
    {%- set pairs = [] -%}
    {%- for row in rows -%}
        {%- do pairs.append([row[0] | replace("'", "''"), row[1] | replace("'", "''")]) -%}
    {%- endfor -%}
    {{- return(pairs) -}}
{%- endmacro %}

{#- Pre-hook of an incremental model: takes out the periods that are about to be written again. A
    period that vanished is in the queue too, so its rows go and nothing comes back. -#}
{% macro delete_queued(source_column, period_column) -%}
    {%- if is_incremental() -%}
        delete from {{ this }} where {{ rebuild_predicate(source_column, period_column) }}
    {%- endif -%}
{%- endmacro %}
