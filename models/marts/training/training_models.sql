-- One row per model and currency: what training it cost, over all experiments and systems, and what
-- of that was of no use.
select
    model_name,
    billing_currency,
    count(*) as runs,
    count(distinct experiment_name) as experiments,
    count(case when run_state = 'succeeded' then 1 end) as succeeded_runs,
    count(case when cost_state = 'unknown' then 1 end) as unknown_cost_runs,
    min(started_at) as first_started_at,
    max(held_until) as last_ended_at,
    {{ quantity('sum(accelerator_hours)') }} as accelerator_hours,
    {{ money('sum(billed_cost)') }} as billed_cost,
    {{ money('sum(effective_cost)') }} as effective_cost,
    {{ money('sum(list_cost)') }} as list_cost,
    {{ money('sum(attached_effective_cost)') }} as attached_effective_cost,
    {{ money('sum(wasted_effective_cost)') }} as wasted_effective_cost,
    {{ ratio('sum(effective_cost)', "count(case when run_state = 'succeeded' then 1 end)") }}
        as effective_cost_per_succeeded_run
from {{ ref('training_runs') }}
group by model_name, billing_currency
