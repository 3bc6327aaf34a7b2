{#- Which rows an incremental model reads and replaces. The queue is read while dbt renders the
    statement and becomes constants: only constants let the engine skip the files of other months.
    Two bounds come before the exact pairs because DuckDB carries bounds across a join to the other
    side, but not a list of pairs; they keep lookups from reading all of history.
    The macros of this file are the only ones that run a query. -#}
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

{#- The branches of a union over providers, less those of providers from which nothing is to be
    read: merely planning the eight mappings takes 3 s, whatever they hold. -#}
{% macro union_of_providers(columns, branches) -%}
    {%- set wanted = branches.keys() -%}
    {#- Linters and documentation compile without a database: then every branch is shown. -#}
    {%- if execute and load_relation(source('raw_ops', 'current_versions')) is not none -%}
        {%- set wanted = providers_to_read() -%}
    {%- endif -%}
    {%- set chosen = [] -%}
    {%- for provider in branches if provider in wanted -%}
        {%- do chosen.append(branches[provider]) -%}
    {%- endfor -%}
    {%- for mapping in chosen or [branches.values() | first] %}
select {{ columns }} from {{ mapping }}
where {{ rebuild_predicate('x_source_name', 'x_billing_period') if chosen else 'false' }}
{{ 'union all' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{% macro providers_to_read() -%}
    {%- set landed = source('raw_ops', 'current_versions') -%}
    {%- set queued -%}
        inner join {{ source('raw_ops', 'rebuild_queue') }} as queued
            on
                landed.source_name = queued.source_name
                and landed.billing_period = queued.billing_period
    {%- endset -%}
    {%- set rows = run_query(
        'select distinct landed.provider from ' ~ landed ~ ' as landed '
        ~ (queued if is_incremental() else '')
    ).rows -%}
    {{- return(rows | map(attribute=0) | list) -}}
{%- endmacro %}

{#- Pre-hook of an incremental model: takes out the periods that are about to be written again. A
    period that vanished is in the queue too, so its rows go and nothing comes back. -#}
{% macro delete_queued(source_column, period_column) -%}
    {%- if is_incremental() -%}
        delete from {{ this }} where {{ rebuild_predicate(source_column, period_column) }}
    {%- endif -%}
{%- endmacro %}
