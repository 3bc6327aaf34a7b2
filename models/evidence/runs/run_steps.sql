-- One row per run and step of the metric by which it is judged: when the step was over and its
-- value.
select
    metrics.source_name,
    metrics.run_id,
    metrics.metric_name,
    metrics.step,
    min(metrics.logged_at) as ended_at,
    min_by(metrics.value, metrics.logged_at) as value
from {{ ref('run_metrics') }} as metrics
inner join {{ ref('run_objectives') }} as objectives
    on
        metrics.source_name = objectives.source_name
        and metrics.run_id = objectives.run_id
        and metrics.metric_name = objectives.metric_name
where metrics.value is not null and metrics.step is not null
group by metrics.source_name, metrics.run_id, metrics.metric_name, metrics.step
