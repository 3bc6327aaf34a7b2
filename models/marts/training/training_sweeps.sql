-- One row per run above others (a sweep, a tuning job), and currency: what searching cost, what of
-- it went to runs that nobody will look at again, and what each improvement cost.
{% set of_sweep = 'source_name, sweep_run_id, billing_currency' %}
with children as (

    select
        *,
        parent_run_id as sweep_run_id,
        case when metric_direction = 'max' then -best_value else best_value end as score
    from {{ ref('training_runs') }}
    where parent_run_id is not null

),

ranked as (

    select
        *,
        row_number() over (
            partition by {{ of_sweep }}
            order by case when score is null then 1 else 0 end, score, held_from, run_id
        ) as place,
        min(score) over (
            partition by {{ of_sweep }} order by held_until, run_id
            rows between unbounded preceding and 1 preceding
        ) as best_before
    from children

),

summed as (

    select
        source_name,
        sweep_run_id,
        billing_currency,
        min(experiment_name) as experiment_name,
        min(team) as team,
        count(*) as runs,
        count(case when run_state = 'succeeded' then 1 end) as succeeded_runs,
        count(case when cost_state = 'unknown' then 1 end) as unknown_cost_runs,
        min(metric_name) as metric_name,
        min(metric_direction) as metric_direction,
        min_by(best_value, place) as best_value,
        min_by(run_id, place) as best_run_id,
        -- The first value is where the search begins.
        count(case when score < best_before then 1 end) as improvements,
        {{ run_parameter('sweep_top_k') }} as top_k,
        {{ money('sum(billed_cost)') }} as children_billed_cost,
        {{ money('sum(effective_cost)') }} as children_effective_cost,
        {{ money('sum(case when place > ' ~ run_parameter('sweep_top_k')
            ~ ' then effective_cost end)') }} as outside_top_k_effective_cost,
        {{ money('sum(wasted_effective_cost)') }} as wasted_effective_cost
    from ranked
    group by source_name, sweep_run_id, billing_currency

)

select
    summed.source_name,
    summed.sweep_run_id,
    summed.billing_currency,
    coalesce(summed.experiment_name, parents.experiment_name) as experiment_name,
    coalesce(summed.team, parents.team) as team,
    summed.runs,
    summed.succeeded_runs,
    summed.unknown_cost_runs,
    summed.metric_name,
    summed.metric_direction,
    summed.best_value,
    summed.best_run_id,
    summed.improvements,
    cast(summed.top_k as bigint) as top_k,
    {{ money('summed.children_billed_cost + coalesce(parents.billed_cost, 0)') }} as billed_cost,
    {{ money('summed.children_effective_cost + coalesce(parents.effective_cost, 0)') }}
        as effective_cost,
    parents.effective_cost as own_effective_cost,
    coalesce(summed.outside_top_k_effective_cost, 0) as outside_top_k_effective_cost,
    {{ ratio(
        'coalesce(summed.outside_top_k_effective_cost, 0)', 'summed.children_effective_cost'
    ) }} as outside_top_k_ratio,
    {{ ratio('summed.children_effective_cost', 'summed.improvements') }}
        as effective_cost_per_improvement,
    summed.wasted_effective_cost
from summed
left join {{ ref('training_runs') }} as parents
    on
        summed.source_name = parents.source_name
        and summed.sweep_run_id = parents.run_id
        and summed.billing_currency = parents.billing_currency
