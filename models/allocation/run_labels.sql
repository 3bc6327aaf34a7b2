-- One row per run: team and project that answer for it, what it tries and how. What it does not say
-- itself is taken from its machines, as most of their hours are attributed.
with spellings as (

    select
        governed_key,
        value_form,
        value
    from {{ ref('tag_vocabulary') }}
    where agreed_values = 1

),

machines as (

    select
        hours.run_source_name as source_name,
        hours.run_id,
        attributions.team,
        attributions.project,
        attributions.model,
        attributions.experiment,
        sum(hours.share_ratio) as hours_held
    from {{ ref('run_machine_hours') }} as hours
    inner join {{ ref('key_attributions') }} as attributions
        on
            hours.source_name = attributions.source_name
            and hours.billing_period = attributions.billing_period
            and hours.attribution_key = attributions.attribution_key
            and hours.hour_start >= attributions.valid_from
            and hours.hour_start < attributions.valid_to
    where hours.run_id is not null
    group by
        hours.run_source_name, hours.run_id, attributions.team, attributions.project,
        attributions.model, attributions.experiment

),

ranked as (

    select
        *,
        row_number() over (
            partition by source_name, run_id
            order by
                case when team is null then 1 else 0 end, hours_held desc, team, project, model,
                experiment
        ) as place
    from machines

),

techniques as (

    select
        runs.source_name,
        runs.run_id,
        min_by(rules.technique, rules.position) filter (where rules.aspect = 'technique')
            as technique,
        min_by(rules.technique, rules.position) filter (where rules.aspect = 'precision')
            as precision_name
    from {{ ref('runs') }} as runs
    inner join {{ ref('run_techniques') }} as rules
        on {{ text_matches_pattern(
            "lower(concat_ws(' ', runs.technique, runs.parameters))", 'rules.pattern'
        ) }}
    group by runs.source_name, runs.run_id

)

select
    runs.source_name,
    runs.run_id,
    coalesce(teams.value, runs.team, ranked.team) as team,
    case
        when runs.team is not null then 'run'
        when ranked.team is not null then 'machine'
        else 'unknown'
    end as team_source,
    coalesce(projects.value, runs.project, ranked.project) as project,
    coalesce(models.value, runs.model_name, ranked.model) as model_name,
    coalesce(runs.experiment_name, ranked.experiment) as experiment_name,
    techniques.technique,
    techniques.precision_name
from {{ ref('runs') }} as runs
left join ranked
    on runs.source_name = ranked.source_name and runs.run_id = ranked.run_id and ranked.place = 1
left join spellings as teams
    on teams.governed_key = 'team' and {{ tag_form('runs.team') }} = teams.value_form
left join spellings as projects
    on projects.governed_key = 'project' and {{ tag_form('runs.project') }} = projects.value_form
left join spellings as models
    on models.governed_key = 'model' and {{ tag_form('runs.model_name') }} = models.value_form
left join techniques
    on runs.source_name = techniques.source_name and runs.run_id = techniques.run_id
