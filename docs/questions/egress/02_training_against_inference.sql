-- What goes into training, what into inference, and what of it is stated and not just usual?
with phases as (

    select
        billing_period,
        billing_currency,
        workload_phase,
        sum(effective_cost) as cost,
        sum(stated_phase_effective_cost) as stated
    from ownership.cost_by_workload_daily
    where is_ai_spend
    group by all

)

select
    billing_period,
    billing_currency,
    workload_phase,
    cast(cost as decimal(18, 2)) as cost,
    cast(stated as decimal(18, 2)) as stated,
    round(cost / sum(cost) over (partition by billing_period, billing_currency), 3) as share
from phases
order by billing_period, billing_currency, cost desc, workload_phase
