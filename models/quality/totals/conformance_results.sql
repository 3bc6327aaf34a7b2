{# Exception to the folder: sums over what was kept per period, read anew each time. #}
{{ config(materialized='table') }}

-- One row per source and rule that rows, keys or records answer: how much was checked over all
-- billing periods, how much failed, and one example.
with row_results as (

    select
        source_name,
        rule_id,
        sum(rows_checked) as rows_checked,
        sum(rows_failing) as rows_failing,
        min(example) as example
    from {{ ref('conformance_by_period') }}
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

)

select * from row_results
union all
select * from key_results
union all
select * from {{ ref('conformance_records') }}
