-- One row per source, billing period, attribution key and interval whose costs are shared, and
-- recipient: its part of them, or that they stay where they are and why.
with teams as (

    select
        team,
        business_unit,
        cost_centre,
        {{ open_start('valid_from') }} as valid_from,
        {{ open_end('valid_to') }} as valid_to
    from {{ ref('team_hierarchy') }}

)

select
    pools.source_name,
    pools.billing_period,
    pools.attribution_key,
    pools.valid_from,
    pools.policy,
    pools.method,
    pools.driver,
    pools.method_id,
    ratios.residual_class,
    teams.business_unit,
    teams.cost_centre,
    ratios.team,
    ratios.project,
    ratios.weight,
    ratios.ratio
from {{ ref('shared_pools') }} as pools
inner join {{ ref('shared_ratios') }} as ratios
    on
        pools.policy = ratios.policy
        and pools.billing_period = ratios.billing_period
        and pools.scope_key = ratios.scope_key
        and pools.weight_currency = ratios.weight_currency
-- Where a team stood when the period began; later moves within it are for its own charges.
left join teams
    on
        ratios.team = teams.team
        and cast(concat(pools.billing_period, '-01') as timestamp) >= teams.valid_from
        and cast(concat(pools.billing_period, '-01') as timestamp) < teams.valid_to
union all
select
    source_name,
    billing_period,
    attribution_key,
    valid_from,
    policy,
    method,
    driver,
    method_id,
    residual_class,
    business_unit,
    cost_centre,
    team,
    project,
    weight,
    ratio
from {{ ref('kept_shares') }}
