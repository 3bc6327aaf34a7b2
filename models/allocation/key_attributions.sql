-- One row per source, billing period, attribution key and interval: who and what its charges are
-- for, which source decided, and why there is no owner where there is none.
{% set governed_keys = [
    'team', 'project', 'environment', 'cost_centre', 'model', 'experiment', 'data_set'
] %}

with classified as (

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

projects as (

    select
        project,
        nullif(usual_phase, '') as usual_phase,
        {{ open_start('valid_from') }} as valid_from,
        {{ open_end('valid_to') }} as valid_to
    from {{ ref('project_owners') }}

),

ruled as (

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
        -- sold, and for the project.
        coalesce(
            classified.sku_phase, owned.tagged_phase, classified.default_phase,
            projects.usual_phase, 'unknown'
        ) as workload_phase,
        case
            when classified.sku_phase is not null then 'sku'
            when owned.tagged_phase is not null then 'tag'
            when classified.default_phase is not null then 'default'
            when projects.usual_phase is not null then 'project'
            else 'unknown'
        end as phase_source,
        machines.accelerator_model,
        machines.accelerator_count,
        machines.accelerator_memory_gib,
        machines.accelerator_source
    from {{ ref('decided_owners') }} as owned
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
    left join projects
        on
            owned.project = projects.project
            and greatest(owned.valid_from, keys.first_charge_at) >= projects.valid_from
            and greatest(owned.valid_from, keys.first_charge_at) < projects.valid_to
    left join {{ ref('key_accelerators') }} as machines
        on
            owned.source_name = machines.source_name
            and owned.billing_period = machines.billing_period
            and owned.attribution_key = machines.attribution_key

),

kept as (

    select * from {{ ref('kept_attributions') }}

)

-- A closed month stays as it was; rules speak only of keys that it did not have.
select
    ruled.source_name,
    ruled.billing_period,
    ruled.attribution_key,
    {%- for column in attribution_outcomes() %}
    ruled.{{ column }}{{ ',' if not loop.last }}
    {%- endfor %}
from ruled
left join (
    select distinct source_name, billing_period, attribution_key from kept
) as known
    on
        ruled.source_name = known.source_name
        and ruled.billing_period = known.billing_period
        and ruled.attribution_key = known.attribution_key
where known.attribution_key is null
union all
select
    source_name,
    billing_period,
    attribution_key,
    {%- for column in attribution_outcomes() %}
    {{ column }}{{ ',' if not loop.last }}
    {%- endfor %}
from kept
