-- Fails with each spelling that stands for two things, each validity of a team or project that
-- overlaps another, and each rule that names a column, key or class that does not exist.
with tag_keys as (

    select {{ tag_form('alias') }} as alias_form, count(distinct governed_key) as meanings
    from {{ ref('tag_keys') }}
    group by {{ tag_form('alias') }}

),

conditions as (

    -- Rules of sharing have a test of their own.
    select * from {{ ref('rule_conditions') }} where rule_set <> 'shared'

)

select 'tag key of two governed keys' as fault, alias_form as found from tag_keys
where meanings > 1
union all
select 'value that stands for two' as fault, concat(governed_key, ' ', value_form) as found
from {{ ref('tag_vocabulary') }}
where agreed_values > 1
union all
select 'column of a rule that no charge has' as fault, concat(rule, ': ', column_name) as found
from conditions
where
    column_name not in ('{{ attribution_columns() | join("', '") }}')
    {%- for map_column in attribution_maps() %}
    and column_name not like '{{ map_column }}.%'
    {%- endfor %}
union all
select 'key of a rule that is not governed' as fault, concat(rule, ': ', assigned_key) as found
from conditions
left join {{ ref('governed_keys') }} as governed_keys
    on conditions.assigned_key = governed_keys.governed_key
where
    conditions.rule_set not in ('untaggable', 'ai_spend')
    and governed_keys.governed_key is null
union all
select 'class of a rule that is not listed' as fault, concat(rule, ': ', assigned_value) as found
from conditions
left join {{ ref('owner_classes') }} as owner_classes
    on conditions.assigned_value = owner_classes.owner_class
where conditions.rule_set = 'untaggable' and owner_classes.owner_class is null
union all
select 'value of a rule that is not agreed' as fault, concat(rule, ': ', assigned_value) as found
from conditions
inner join {{ ref('governed_keys') }} as governed_keys
    on
        conditions.assigned_key = governed_keys.governed_key
        and governed_keys.vocabulary = 'closed'
left join {{ ref('tag_vocabulary') }} as known
    on
        conditions.assigned_key = known.governed_key
        and conditions.assigned_value = known.value
where known.value is null
union all
select 'two owners of a project at once' as fault, one.project as found
from {{ ref('project_owners') }} as one
inner join {{ ref('project_owners') }} as other
    on
        one.project = other.project
        and concat_ws('|', one.team, one.usual_phase, one.valid_from, one.valid_to)
        < concat_ws('|', other.team, other.usual_phase, other.valid_from, other.valid_to)
        and {{ open_start('one.valid_from') }} < {{ open_end('other.valid_to') }}
        and {{ open_start('other.valid_from') }} < {{ open_end('one.valid_to') }}
union all
select 'project listed twice' as fault, project as found
from {{ ref('project_owners') }}
group by project, valid_from
having count(*) > 1
union all
select 'usual phase that is not listed' as fault, concat(project, ': ', usual_phase) as found
from {{ ref('project_owners') }}
where
    usual_phase <> ''
    and usual_phase not in (
        select value from {{ ref('tag_vocabulary') }} where governed_key = 'workload_phase'
    )
union all
select 'two places of a team at once' as fault, one.team as found
from {{ ref('team_hierarchy') }} as one
inner join {{ ref('team_hierarchy') }} as other
    on
        one.team = other.team
        and concat(one.business_unit, '|', one.cost_centre)
            < concat(other.business_unit, '|', other.cost_centre)
        and {{ open_start('one.valid_from') }} < {{ open_end('other.valid_to') }}
        and {{ open_start('other.valid_from') }} < {{ open_end('one.valid_to') }}
