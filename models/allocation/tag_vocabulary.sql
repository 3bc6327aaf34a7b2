-- One row per governed key and spelling of a value: the agreed value it stands for. Names of teams,
-- projects and cost centres stand for themselves.
with spelled as (

    select governed_key, alias, value from {{ ref('tag_values') }}
    union all
    select 'team' as governed_key, team as alias, team as value from {{ ref('team_hierarchy') }}
    union all
    select 'cost_centre' as governed_key, cost_centre as alias, cost_centre as value
    from {{ ref('team_hierarchy') }}
    union all
    select 'project' as governed_key, project as alias, project as value
    from {{ ref('project_owners') }}

)

select
    governed_key,
    {{ tag_form('alias') }} as value_form,
    min(value) as value,
    count(distinct value) as agreed_values
from spelled
group by governed_key, {{ tag_form('alias') }}
