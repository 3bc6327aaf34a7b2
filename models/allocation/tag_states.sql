-- One row per source, billing period, attribution key, interval and governed key: who says what its
-- value is, or why there is none. Coverage counts these states and nothing else.
{% set owner_keys = [
    'team', 'project', 'environment', 'cost_centre', 'model', 'experiment', 'data_set'
] %}

with attributions as (

    select
        source_name,
        billing_period,
        attribution_key,
        valid_from,
        owner_class,
        {%- for key in owner_keys %}
        nullif({{ key }}_source, 'none') as {{ key }}_source,
        {%- endfor %}
        case phase_source
            when 'tag' then 'tag'
            when 'default' then 'default_owner'
            when 'unknown' then null
            else 'virtual_tag'
        end as workload_phase_source
    from {{ ref('key_attributions') }}

),

listed as (
    {% for key in owner_keys + ['workload_phase'] %}
    select
        source_name,
        billing_period,
        attribution_key,
        valid_from,
        '{{ key }}' as governed_key,
        {{ key }}_source as decided_by,
        {{ 'owner_class' if key == 'team' else 'cast(null as string)' }} as owner_class
    from attributions
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

-- The rule that comes first decides, as it does for the class of an owner.
untaggable as (

    select
        matches.source_name,
        matches.billing_period,
        matches.attribution_key
    from {{ ref('rule_matches') }} as matches
    inner join {{ ref('owner_classes') }} as classes
        on matches.assigned_value = classes.owner_class
    where matches.rule_set = 'untaggable'
    group by matches.source_name, matches.billing_period, matches.attribution_key
    having min_by(classes.is_taggable, matches.position) = false

)

select
    listed.source_name,
    listed.billing_period,
    listed.attribution_key,
    listed.valid_from,
    listed.governed_key,
    case
        when listed.decided_by = 'tag' then decided.decided_by
        when listed.decided_by is not null then listed.decided_by
        -- A project that contradicts itself leaves its team unknown for the same reason.
        when listed.owner_class in ('conflict', 'unknown_value') then listed.owner_class
        when decided.problem is not null then decided.problem
        when untaggable.attribution_key is not null then 'untaggable'
        else 'untagged'
    end as tag_state
from listed
left join {{ ref('decided_tags') }} as decided
    on
        listed.source_name = decided.source_name
        and listed.billing_period = decided.billing_period
        and listed.attribution_key = decided.attribution_key
        and listed.valid_from = decided.valid_from
        and listed.governed_key = decided.governed_key
left join untaggable
    on
        listed.source_name = untaggable.source_name
        and listed.billing_period = untaggable.billing_period
        and listed.attribution_key = untaggable.attribution_key
