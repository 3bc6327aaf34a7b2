-- One row per source, billing period, attribution key and interval: who and what its charges are for,
-- which source decided, and why there is no owner where there is none.
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
        max(case when governed_key = 'team' then evidence end) as owner_evidence
    from {{ ref('decided_tags') }}
    group by source_name, billing_period, attribution_key, valid_from

),

untaggable as (

    select
        source_name,
        billing_period,
        attribution_key,
        min_by(assigned_value, position) as owner_class
    from {{ ref('rule_matches') }}
    where rule_set = 'untaggable'
    group by source_name, billing_period, attribution_key

),

teams as (

    select
        team,
        business_unit,
        cost_centre,
        {{ open_start('valid_from') }} as valid_from,
        {{ open_end('valid_to') }} as valid_to
    from {{ ref('team_hierarchy') }}

),

owned as (

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

)

select
    owned.source_name,
    owned.billing_period,
    owned.attribution_key,
    owned.valid_from,
    owned.valid_to,
    owned.business_unit,
    owned.owner_evidence,
    {%- for key in governed_keys %}
    owned.{{ key }},
    owned.{{ key }}_source,
    {%- endfor %}
    owned.team_source as owner_source,
    case
        when owned.team is null then 'unattributed'
        when owned.team_source = 'virtual_tag' then 'ruled'
        when owned.team_source = 'default_owner' then 'defaulted'
        when owned.team_source = 'parent' or owned.team_derivation > 0 then 'inherited'
        else 'stated'
    end as owner_confidence,
    case
        when owned.team is not null then null
        when owned.owner_problem is not null then owned.owner_problem
        when untaggable.owner_class is not null then untaggable.owner_class
        when keys.resource_id is null then 'no_resource'
        else 'untagged'
    end as owner_class
from owned
inner join {{ ref('attribution_keys') }} as keys
    on
        owned.source_name = keys.source_name
        and owned.billing_period = keys.billing_period
        and owned.attribution_key = keys.attribution_key
left join untaggable
    on
        owned.source_name = untaggable.source_name
        and owned.billing_period = untaggable.billing_period
        and owned.attribution_key = untaggable.attribution_key
