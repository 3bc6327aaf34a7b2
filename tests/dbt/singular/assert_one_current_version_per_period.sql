-- Fails with each table of a source and period that has several current versions, or a current
-- version that was replaced, or a replaced one that names no successor it has.
with versions as (

    select
        source_name,
        table_name,
        billing_period,
        version_id,
        bool_or(is_current) as is_current,
        bool_and(is_current) as is_wholly_current,
        max(superseded_by) as superseded_by
    from {{ ref('ledger') }}
    group by source_name, table_name, billing_period, version_id

),

periods as (

    select
        source_name,
        table_name,
        billing_period,
        count_if(is_current) as current_versions,
        count_if(is_current and superseded_by is not null) as replaced_but_current,
        count_if(is_current and not is_wholly_current) as partly_current
    from versions
    group by source_name, table_name, billing_period

)

select
    source_name,
    table_name,
    billing_period,
    1 as expected_at_most,
    current_versions as actual,
    replaced_but_current,
    partly_current
from periods
where current_versions > 1 or replaced_but_current > 0 or partly_current > 0
