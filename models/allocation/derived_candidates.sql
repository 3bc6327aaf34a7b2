-- One row per source, billing period, attribution key, governed key and statement about it, those
-- included that follow from the hierarchy: a project has a team, and so has a cost centre of one.
with candidates as (

    select * from {{ ref('owner_candidates') }}

),

owners as (

    select
        'project' as governed_key,
        1 as derivation,
        project as value,
        team,
        {{ open_start('valid_from') }} as valid_from,
        {{ open_end('valid_to') }} as valid_to
    from {{ ref('project_owners') }}
    union all
    select
        'cost_centre' as governed_key,
        2 as derivation,
        cost_centre as value,
        min(team) as team,
        {{ open_start('min(valid_from)') }} as valid_from,
        {{ open_end('max(valid_to)') }} as valid_to
    from {{ ref('team_hierarchy') }}
    group by cost_centre
    having count(distinct team) = 1

)

select
    source_name,
    billing_period,
    attribution_key,
    governed_key,
    value,
    problem,
    decided_by,
    decided_rank,
    0 as derivation,
    position,
    evidence,
    valid_from,
    valid_to
from candidates
union all
select
    candidates.source_name,
    candidates.billing_period,
    candidates.attribution_key,
    'team' as governed_key,
    owners.team as value,
    cast(null as string) as problem,
    candidates.decided_by,
    candidates.decided_rank,
    owners.derivation,
    candidates.position,
    concat(candidates.evidence, ' (', owners.governed_key, ' ', owners.value, ')') as evidence,
    greatest(candidates.valid_from, owners.valid_from) as valid_from,
    least(candidates.valid_to, owners.valid_to) as valid_to
from candidates
inner join owners
    on candidates.governed_key = owners.governed_key and candidates.value = owners.value
where
    candidates.valid_from < owners.valid_to
    and owners.valid_from < candidates.valid_to
