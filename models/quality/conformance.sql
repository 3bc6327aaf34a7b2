-- One row per source and rule of FOCUS 1.4: how much was checked, how much failed, and one example.
{%- set present = conformance_columns(ref('cost_and_usage')) %}

with by_period as (

    select * from {{ ref('conformance_by_period') }}

),

sources as (

    select
        source_name,
        min(provider) as provider
    from {{ ref('ledger') }}
    group by source_name

),

rules as (
    {% for rule in conformance_rules() + conformance_key_rules() + conformance_table_rules() %}
    select
        '{{ rule.id }}' as rule_id,
        '{{ rule.level }}' as requirement_level,
        '{{ rule.column }}' as column_name,
        '{{ rule.words | replace("'", "''") }}' as description
    {{- ' union all' if not loop.last }}
    {%- endfor %}

),

row_results as (

    select
        source_name,
        rule_id,
        sum(rows_checked) as rows_checked,
        sum(rows_failing) as rows_failing,
        min(example) as example
    from by_period
    group by source_name, rule_id

),

keys as (

    select
        source_name,
        rule_id,
        key_value,
        count(distinct column_value) as column_values,
        min(column_value) as first_value,
        max(column_value) as last_value
    from {{ ref('conformance_keys') }}
    group by source_name, rule_id, key_value

),

key_results as (

    select
        source_name,
        rule_id,
        count(*) as rows_checked,
        count_if(column_values > 1) as rows_failing,
        min(
            case
                when column_values > 1
                    then key_value || ' has ' || first_value || ' and ' || last_value
            end
        ) as example
    from keys
    group by source_name, rule_id

),

focus_columns as (

    select column_name
    from {{ ref('focus_columns') }}
    where dataset = 'CostAndUsage'

),

table_columns as (
    {% for column in present %}
    select '{{ column }}' as column_name
    {{- ' union all' if not loop.last }}
    {%- endfor %}

),

-- The shape of the table is the same for every source.
table_results as (

    select
        'columns.complete' as rule_id,
        count(*) as rows_checked,
        count_if(table_columns.column_name is null) as rows_failing,
        min(
            case when table_columns.column_name is null then focus_columns.column_name end
        ) as example
    from focus_columns
    left join table_columns on focus_columns.column_name = table_columns.column_name
    union all
    select
        'columns.own_prefix' as rule_id,
        count(*) as rows_checked,
        count_if(left(table_columns.column_name, 2) <> 'x_') as rows_failing,
        min(
            case when left(table_columns.column_name, 2) <> 'x_' then table_columns.column_name end
        ) as example
    from table_columns
    left join focus_columns on table_columns.column_name = focus_columns.column_name
    where focus_columns.column_name is null

),

results as (

    select * from row_results
    union all
    select * from key_results
    union all
    select
        known_sources.source_name,
        table_results.rule_id,
        table_results.rows_checked,
        table_results.rows_failing,
        table_results.example
    from table_results
    cross join (select distinct source_name from by_period) as known_sources

)

select
    results.source_name,
    sources.provider,
    rules.rule_id,
    rules.requirement_level,
    rules.column_name,
    rules.description,
    cast(results.rows_checked as bigint) as rows_checked,
    cast(results.rows_failing as bigint) as rows_failing,
    results.example
from results
inner join rules on results.rule_id = rules.rule_id
left join sources on results.source_name = sources.source_name
