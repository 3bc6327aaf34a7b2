-- One row per source, billing period, attribution key and interval: what is decided about the
-- governed keys, by which source, and where the team stands in the company.
{% set governed_keys = [
    'team', 'project', 'environment', 'cost_centre', 'model', 'experiment', 'data_set'
] %}

with decided as (

    select
        source_name,
        billing_period,
        attribution_key,
        valid_from,
        {%- for key in governed_keys %}
        max(case when governed_key = '{{ key }}' then value end) as {{ key }},
        max(case when governed_key = '{{ key }}' and value is not null then decided_by end)
            as {{ key }}_source,
        {%- endfor %}
        max(case when governed_key = 'team' then problem end) as team_problem,
        max(case when governed_key = 'project' then problem end) as project_problem,
        max(case when governed_key = 'team' and value is not null then derivation end)
            as team_derivation,
        max(case when governed_key = 'team' then evidence end) as owner_evidence,
        max(case when governed_key = 'workload_phase' then value end) as tagged_phase
    from {{ ref('decided_tags') }}
    group by source_name, billing_period, attribution_key, valid_from

),

teams as (

    select
        team,
        business_unit,
        cost_centre,
        {{ open_start('valid_from') }} as valid_from,
        {{ open_end('valid_to') }} as valid_to
    from {{ ref('team_hierarchy') }}

)

select
    intervals.source_name,
    intervals.billing_period,
    intervals.attribution_key,
    intervals.valid_from,
    intervals.valid_to,
    {%- for key in governed_keys if key != 'cost_centre' %}
    decided.{{ key }},
    coalesce(decided.{{ key }}_source, 'none') as {{ key }}_source,
    {%- endfor %}
    teams.business_unit,
    coalesce(decided.cost_centre, teams.cost_centre) as cost_centre,
    coalesce(
        decided.cost_centre_source,
        case when teams.cost_centre is not null then decided.team_source end,
        'none'
    ) as cost_centre_source,
    decided.team_derivation,
    decided.owner_evidence,
    decided.tagged_phase,
    coalesce(decided.team_problem, decided.project_problem) as owner_problem
from {{ ref('attribution_intervals') }} as intervals
left join decided
    on
        intervals.source_name = decided.source_name
        and intervals.billing_period = decided.billing_period
        and intervals.attribution_key = decided.attribution_key
        and intervals.valid_from = decided.valid_from
left join teams
    on
        decided.team = teams.team
        and intervals.holds_at >= teams.valid_from
        and intervals.holds_at < teams.valid_to
