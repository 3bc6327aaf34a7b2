-- One row per billing period, driver, team and project: what lists of usage drivers say was used.
-- Of two lists that name the same day, driver, team and project, the one that sorts first counts.
with stated as (

    select
        billing_period,
        cast(usage_date as date) as usage_date,
        driver,
        team,
        project,
        source_name,
        sum(quantity) as quantity
    from {{ ref('stg_usage__drivers') }}
    group by billing_period, cast(usage_date as date), driver, team, project, source_name
    qualify
        row_number() over (
            partition by billing_period, cast(usage_date as date), driver, team, project
            order by source_name
        ) = 1

)

select
    billing_period,
    driver,
    team,
    project,
    {{ quantity('sum(quantity)') }} as quantity
from stated
group by billing_period, driver, team, project
