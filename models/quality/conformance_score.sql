-- One row per provider, data set and requirement level: the share of FOCUS rules that its rows
-- never break. Rules that no row was asked are left out: an empty answer is no pass.
with asked as (

    select
        provider,
        dataset,
        requirement_level,
        rule_id,
        sum(rows_checked) as rows_checked,
        sum(rows_failing) as rows_failing
    from {{ ref('conformance') }}
    where rows_checked > 0
    group by provider, dataset, requirement_level, rule_id

),

scored as (

    select
        provider,
        dataset,
        requirement_level,
        count(*) as rules,
        count_if(rows_failing = 0) as rules_passed,
        sum(rows_checked) as rows_checked,
        sum(rows_failing) as rows_failing
    from asked
    group by provider, dataset, requirement_level

)

select
    provider,
    dataset,
    requirement_level,
    cast(rules as bigint) as rules,
    cast(rules_passed as bigint) as rules_passed,
    cast(rows_checked as bigint) as rows_checked,
    cast(rows_failing as bigint) as rows_failing,
    {{ ratio('rules_passed', 'rules') }} as score
from scored
