-- One row per series of runs that differ in their number of accelerators (experiment, source,
-- model, technique, precision, metric, accelerator and currency), and number: time and cost of a
-- step, and whether so many still pay.
{% set of_series -%}
    source_name, experiment_name, model_name, technique, precision_name, metric_name,
    accelerator_model, billing_currency
{%- endset %}
with measured as (

    select
        epochs.source_name,
        epochs.run_id,
        epochs.billing_currency,
        {{ ratio('sum(epochs.seconds)', 'sum(epochs.steps)') }} as seconds_per_step,
        {{ ratio('sum(epochs.effective_cost)', 'sum(epochs.steps)') }} as cost_per_step
    from {{ ref('training_epochs') }} as epochs
    -- The first step has the start of the run in it.
    where epochs.steps > 0
    group by epochs.source_name, epochs.run_id, epochs.billing_currency

),

sized as (

    select
        {% for column in of_series.replace('\n', ' ').split(',') -%}
        runs.{{ column.strip() }},
        {% endfor -%}
        runs.accelerators,
        count(*) as runs,
        median(measured.seconds_per_step) as seconds_per_step,
        median(measured.cost_per_step) as effective_cost_per_step
    from {{ ref('training_runs') }} as runs
    inner join measured
        on
            runs.source_name = measured.source_name
            and runs.run_id = measured.run_id
            and runs.billing_currency is not distinct from measured.billing_currency
    where runs.accelerators > 0
    group by
        {% for column in of_series.replace('\n', ' ').split(',') -%}
        runs.{{ column.strip() }},
        {% endfor -%}
        runs.accelerators

),

compared as (

    select
        *,
        count(*) over (partition by {{ of_series }}) as sizes,
        first_value(accelerators) over series as least_accelerators,
        first_value(seconds_per_step) over series as least_seconds,
        first_value(effective_cost_per_step) over series as least_cost
    from sized
    window series as (partition by {{ of_series }} order by accelerators)

),

judged as (

    select
        *,
        {{ ratio('least_seconds', 'seconds_per_step') }} as speed_up,
        {{ ratio('least_seconds * least_accelerators', 'seconds_per_step * accelerators') }}
            as parallel_efficiency
    from compared
    where sizes > 1

),

paying as (

    select
        *,
        {{ run_parameter('scaling_efficiency_floor') }} as efficiency_floor,
        min(parallel_efficiency) over (
            partition by {{ of_series }} order by accelerators
            rows between unbounded preceding and current row
        ) >= {{ run_parameter('scaling_efficiency_floor') }} as pays
    from judged

)

select
    {% for column in of_series.replace('\n', ' ').split(',') -%}
    {{ column.strip() }},
    {% endfor -%}
    accelerators,
    runs,
    seconds_per_step,
    effective_cost_per_step,
    speed_up,
    parallel_efficiency,
    {{ ratio('effective_cost_per_step', 'least_cost') }} as cost_ratio,
    efficiency_floor,
    pays,
    max(case when pays then accelerators end) over (partition by {{ of_series }})
        as pays_up_to_accelerators
from paying
