-- One row per run, and currency, that takes more than a multiple of the median of its experiment:
-- by how much, and what that cost so far.
with finished as (

    select
        source_name,
        experiment_name,
        median(run_seconds) as median_seconds,
        count(*) as finished_runs
    from (
        select distinct source_name, run_id, experiment_name, run_seconds
        from {{ ref('training_runs') }}
        where run_state = 'succeeded' and run_seconds > 0
    ) as durations
    group by source_name, experiment_name
    having count(*) >= {{ run_parameter('runaway_min_runs') }}

),

compared as (

    select
        runs.*,
        finished.median_seconds,
        finished.finished_runs,
        {{ run_parameter('runaway_factor') }} as runaway_factor
    from {{ ref('training_runs') }} as runs
    inner join finished
        on
            runs.source_name = finished.source_name
            and runs.experiment_name = finished.experiment_name
    -- A run above others lasts as long as they do together.
    where runs.child_runs = 0

)

select
    source_name,
    run_id,
    billing_currency,
    experiment_name,
    run_name,
    model_name,
    team,
    project,
    user_name,
    run_state,
    run_state in ('running', 'suspended') as is_running,
    started_at,
    run_seconds,
    median_seconds,
    finished_runs,
    runaway_factor,
    {{ ratio('run_seconds', 'median_seconds') }} as times_median,
    run_seconds - median_seconds * runaway_factor as excess_seconds,
    effective_cost,
    {{ money(share_of('effective_cost', 'cast(round(' ~ ratio(
        'run_seconds - median_seconds * runaway_factor', 'run_seconds'
    ) ~ ', 12) as decimal(18, 12))')) }} as excess_effective_cost
from compared
where run_seconds > median_seconds * runaway_factor
