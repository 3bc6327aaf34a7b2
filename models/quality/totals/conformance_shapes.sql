{# Exception to the folder: columns of the built tables, a few hundred rows, read anew each time. #}
{{ config(materialized='table') }}

-- One row per rule about the columns of a data set: are all there, of the right type, and ours
-- marked as ours. Asked of the tables as they were built: a contract says what they should be.
with focus_columns as (

    select
        dataset,
        column_name,
        case data_type
            when 'Decimal' then 'number' when 'Date/Time' then 'time' else 'text'
        end as column_type
    from {{ ref('focus_columns') }}

),

table_columns as (
    {% for dataset in conformance_datasets() %}
    {%- set outer = loop %}
    {%- for name, dtype in conformance_columns(ref(dataset.model)) %}
    {%- set kind = dtype | lower %}
    select
        '{{ dataset.id }}' as dataset,
        '{{ name }}' as column_name,
        {% if kind.startswith('decimal') or kind in ('double', 'bigint') -%}
            'number'
        {%- elif kind.startswith('timestamp') -%}
            'time'
        {%- elif kind in ('varchar', 'string', 'json') or kind.startswith('map') -%}
            'text'
        {%- else -%}
            'other'
        {%- endif %} as column_type
    {{- ' union all' if not (loop.last and outer.last) }}
    {%- endfor %}
    {%- endfor %}

),

prefixes as (
    {% for dataset in conformance_datasets() %}
    select
        '{{ dataset.id }}' as dataset,
        '{{ dataset.name }}' as dataset_name,
        '{{ dataset.prefix }}' as prefix
    {{- ' union all' if not loop.last }}
    {%- endfor %}

),

compared as (

    select
        prefixes.dataset_name,
        prefixes.prefix,
        focus_columns.column_name as focus_name,
        focus_columns.column_type as focus_type,
        table_columns.column_name as table_name,
        table_columns.column_type as table_type
    from focus_columns
    full join table_columns
        on
            focus_columns.dataset = table_columns.dataset
            and focus_columns.column_name = table_columns.column_name
    inner join prefixes
        on coalesce(focus_columns.dataset, table_columns.dataset) = prefixes.dataset

)

select
    dataset_name as dataset,
    prefix || 'columns.complete' as rule_id,
    count(*) as rows_checked,
    count_if(table_name is null) as rows_failing,
    min(case when table_name is null then focus_name end) as example
from compared
where focus_name is not null
group by dataset_name, prefix
union all
select
    dataset_name as dataset,
    prefix || 'columns.typed' as rule_id,
    count(*) as rows_checked,
    count_if(table_type <> focus_type) as rows_failing,
    min(
        case when table_type <> focus_type then focus_name || ' holds a ' || table_type end
    ) as example
from compared
where focus_name is not null and table_name is not null
group by dataset_name, prefix
union all
select
    dataset_name as dataset,
    prefix || 'columns.own_prefix' as rule_id,
    count(*) as rows_checked,
    count_if(left(table_name, 2) <> 'x_') as rows_failing,
    min(case when left(table_name, 2) <> 'x_' then table_name end) as example
from compared
where focus_name is null
group by dataset_name, prefix
