-- One row per experiment, source and currency: how many runs it took, how they ended, what they
-- cost and what of that was of no use.
{% set counted = ['succeeded', 'failed', 'cancelled', 'abandoned', 'running'] %}
select
    source_name,
    experiment_name,
    billing_currency,
    min(team) as team,
    count(distinct team) as teams,
    count(*) as runs,
    {%- for state in counted %}
    count(case when run_state = '{{ state }}' then 1 end) as {{ state }}_runs,
    {%- endfor %}
    count(case when cost_state = 'unknown' then 1 end) as unknown_cost_runs,
    min(started_at) as first_started_at,
    max(held_until) as last_ended_at,
    sum(run_seconds) / 3600 as run_hours,
    {{ quantity('sum(accelerator_hours)') }} as accelerator_hours,
    {{ money('sum(billed_cost)') }} as billed_cost,
    {{ money('sum(effective_cost)') }} as effective_cost,
    {{ money('sum(list_cost)') }} as list_cost,
    {{ money('sum(attached_effective_cost)') }} as attached_effective_cost,
    {{ money('sum(wasted_effective_cost)') }} as wasted_effective_cost,
    {{ ratio('sum(wasted_effective_cost)', 'sum(effective_cost)') }} as wasted_ratio
from {{ ref('training_runs') }}
group by source_name, experiment_name, billing_currency
