-- One row per run, metric, step and time: what a run logged. Values that come twice count once.
{{ config(
    materialized='incremental',
    pre_hook="{{ delete_queued('source_name', 'billing_period') }}"
) }}
select
    source_name,
    billing_period,
    run_id,
    metric_name,
    step,
    logged_at,
    max(value) as value
from {{ ref('stg_runs__metrics') }}
where {{ rebuild_predicate('source_name', 'billing_period') }}
group by source_name, billing_period, run_id, metric_name, step, logged_at
