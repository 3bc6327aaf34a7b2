{# Exception to the folder: the narrow data sets are rebuilt as a whole, so is their judgement. #}
{{ config(materialized='table') }}
{%- set datasets = conformance_datasets() | selectattr('label', 'defined') | list %}

-- One row per source and rule of the three narrow FOCUS data sets: how many records it was asked of
-- and how many broke it. A record from several sources counts for each.
with sources as (

    select distinct source_name
    from {{ ref('ledger') }}

),
{% for dataset in datasets %}
{%- set rules = conformance_record_rules(dataset.model) %}
{{ dataset.model }}_judged as (

    select
        {{ dataset.sources }} as source_names,
        {{ dataset.label }} as record_label
        {%- for rule in rules %},
        {{ rule.applies }} as {{ rule.slot }}_asked,
        ({{ rule.applies }}) and ({{ rule.holds }}) is not true as {{ rule.slot }}_broken
        {%- endfor %}
    from {{ ref(dataset.model) }}

),

{{ dataset.model }}_counted as (

    select
        source_names
        {%- for rule in rules %},
        count_if({{ rule.slot }}_asked) as {{ rule.slot }}_rows,
        count_if({{ rule.slot }}_broken) as {{ rule.slot }}_broken_rows,
        min(case when {{ rule.slot }}_broken then record_label end) as {{ rule.slot }}_example
        {%- endfor %}
    from {{ dataset.model }}_judged
    group by source_names

),
{% endfor %}
results as (
    {% for dataset in datasets %}
    select
        source_names,
        rule_id,
        rows_checked,
        rows_failing,
        example
    from {{ dataset.model }}_counted
    unpivot include nulls (
        (rows_checked, rows_failing, example) for rule_id in (
            {%- for rule in conformance_record_rules(dataset.model) %}
            ({{ rule.slot }}_rows, {{ rule.slot }}_broken_rows, {{ rule.slot }}_example)
            as {{ adapter.quote(rule.id) }}
            {{- ',' if not loop.last }}
            {%- endfor %}
        )
    )
    {{- ' union all' if not loop.last }}
    {%- endfor %}

)

select
    sources.source_name,
    results.rule_id,
    sum(results.rows_checked) as rows_checked,
    sum(results.rows_failing) as rows_failing,
    min(results.example) as example
from results
inner join sources
    on
        position(
            concat('; ', sources.source_name, '; ') in concat('; ', results.source_names, '; ')
        ) > 0
group by sources.source_name, results.rule_id
