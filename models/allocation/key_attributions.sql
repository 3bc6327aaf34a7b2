-- One row per source, billing period, attribution key and interval: who and what its charges are
-- for, which source decided, and why there is no owner where there is none.
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

classified as (

    select
        source_name,
        billing_period,
        attribution_key,
        min_by(assigned_value, position) filter (where rule_set = 'untaggable') as owner_class,
        min_by(assigned_value, position) filter (where rule_set = 'phase') as sku_phase,
        min_by(assigned_value, position) filter (where rule_set = 'default_phase') as default_phase
    from {{ ref('rule_matches') }}
    where rule_set in ('untaggable', 'phase', 'default_phase')
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
        when classified.owner_class is not null then classified.owner_class
        when keys.resource_id is null then 'no_resource'
        else 'untagged'
    end as owner_class,
    -- What is sold decides where it leaves no doubt; then tags; then what is usual for what is
    -- sold.
    coalesce(classified.sku_phase, owned.tagged_phase, classified.default_phase, 'unknown')
        as workload_phase,
    case
        when classified.sku_phase is not null then 'sku'
        when owned.tagged_phase is not null then 'tag'
        when classified.default_phase is not null then 'default'
        else 'unknown'
    end as phase_source,
    machines.accelerator_model,
    machines.accelerator_count,
    machines.accelerator_memory_gib,
    machines.accelerator_source
from owned
inner join {{ ref('attribution_keys') }} as keys
    on
        owned.source_name = keys.source_name
        and owned.billing_period = keys.billing_period
        and owned.attribution_key = keys.attribution_key
left join classified
    on
        owned.source_name = classified.source_name
        and owned.billing_period = classified.billing_period
        and owned.attribution_key = classified.attribution_key
left join {{ ref('key_accelerators') }} as machines
    on
        owned.source_name = machines.source_name
        and owned.billing_period = machines.billing_period
        and owned.attribution_key = machines.attribution_key
