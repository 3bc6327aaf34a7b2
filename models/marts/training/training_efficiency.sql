-- One row per experiment, source, metric, technique, precision, accelerator, purchase option and
-- currency: what it cost to reach the quality that is asked for.
{% set of_way -%}
    source_name, experiment_name, metric_name, technique, precision_name, accelerator_model,
    purchase_option, billing_currency
{%- endset %}
with runs as (

    select
        *,
        case when metric_direction = 'max' then -1 else 1 end as sign
    from {{ ref('training_runs') }}
    where metric_name is not null

),

-- Where policy names no target: what half of the runs that succeeded reach.
usual as (

    select
        source_name,
        experiment_name,
        metric_name,
        median(best_value) as usual_value
    from (
        select distinct source_name, run_id, experiment_name, metric_name, best_value
        from runs
        where run_state = 'succeeded'
    ) as finished
    group by source_name, experiment_name, metric_name

),

aimed as (

    select
        runs.*,
        coalesce(runs.target_value, usual.usual_value) as aim,
        case when runs.target_value is null then 'median' else 'policy' end as target_source
    from runs
    left join usual
        on
            runs.source_name = usual.source_name
            and runs.experiment_name is not distinct from usual.experiment_name
            and runs.metric_name = usual.metric_name

),

reached as (

    select
        aimed.source_name,
        aimed.run_id,
        aimed.billing_currency,
        -- Of a run that tells its last value only, all that it took counts.
        min(coalesce(epochs.cumulative_effective_cost, aimed.effective_cost)) as cost_until,
        min(coalesce(
            {{ seconds_between('aimed.held_from', 'epochs.ended_at') }}, aimed.run_seconds
        )) as seconds_until
    from aimed
    left join {{ ref('training_epochs') }} as epochs
        on
            aimed.source_name = epochs.source_name
            and aimed.run_id = epochs.run_id
            and aimed.billing_currency is not distinct from epochs.billing_currency
    where aimed.sign * coalesce(epochs.value, aimed.best_value) <= aimed.sign * aimed.aim
    group by aimed.source_name, aimed.run_id, aimed.billing_currency

)

select
    aimed.source_name,
    aimed.experiment_name,
    aimed.metric_name,
    min(aimed.metric_direction) as metric_direction,
    aimed.technique,
    aimed.precision_name,
    aimed.accelerator_model,
    aimed.purchase_option,
    aimed.billing_currency,
    min(aimed.aim) as target_value,
    min(aimed.target_source) as target_source,
    count(*) as runs,
    count(reached.run_id) as reached_runs,
    min(aimed.sign * aimed.best_value) * min(aimed.sign) as best_value,
    {{ money('sum(aimed.effective_cost)') }} as effective_cost,
    -- All that was tried counts, not only what worked.
    {{ ratio('sum(aimed.effective_cost)', 'count(reached.run_id)') }} as effective_cost_per_success,
    min(reached.cost_until) as least_effective_cost_until_reached,
    avg(cast(reached.cost_until as double)) as mean_effective_cost_until_reached,
    avg(reached.seconds_until) / 3600 as mean_hours_until_reached
from aimed
left join reached
    on
        aimed.source_name = reached.source_name
        and aimed.run_id = reached.run_id
        and aimed.billing_currency is not distinct from reached.billing_currency
group by {% for column in of_way.replace('\n', ' ').split(',') %}aimed.{{ column.strip() }}
    {{- ', ' if not loop.last }}{% endfor %}
