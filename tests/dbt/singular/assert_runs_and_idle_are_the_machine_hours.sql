-- Fails with each hour of a run's machine, by attribution key, whose shares of runs and what no run
-- held do not add up to what was billed; and with each month of what else is billed under its name.
{% set amounts = [
    'machine_hours', 'accelerator_hours', 'billed_cost', 'effective_cost', 'list_cost',
    'contracted_cost'
] %}

with shared as (

    select
        source_name,
        billing_period,
        attribution_key,
        hour_start,
        billing_currency,
        sum(share_ratio) as share_ratio,
        {%- for amount in amounts %}
        sum({{ amount }}) as {{ amount }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('run_machine_hours') }}
    group by source_name, billing_period, attribution_key, hour_start, billing_currency

),

billed as (

    select hours.*
    from {{ ref('machine_hours') }} as hours
    inner join (
        select distinct executors.provider, executors.resource_key
        from {{ ref('run_executors') }} as executors
        inner join {{ ref('run_holds') }} as holds
            on executors.source_name = holds.source_name and executors.run_id = holds.run_id
        where holds.held_until > holds.held_from
    ) as machines
        on
            hours.resource_key = machines.resource_key
            and hours.provider = coalesce(machines.provider, hours.provider)

)

select
    coalesce(billed.source_name, shared.source_name) as source_name,
    coalesce(billed.billing_period, shared.billing_period) as billing_period,
    coalesce(billed.attribution_key, shared.attribution_key) as attribution_key,
    coalesce(billed.hour_start, shared.hour_start) as hour_start,
    shared.share_ratio,
    billed.billed_cost,
    shared.billed_cost as shared_billed_cost,
    billed.effective_cost,
    shared.effective_cost as shared_effective_cost
from billed
full outer join shared
    on
        billed.source_name = shared.source_name
        and billed.billing_period = shared.billing_period
        and billed.attribution_key = shared.attribution_key
        and billed.hour_start = shared.hour_start
where
    shared.share_ratio is distinct from 1
    {%- for amount in amounts %}
    or billed.{{ amount }} is distinct from shared.{{ amount }}
    {%- endfor %}
union all
select
    parts.source_name,
    parts.billing_period,
    parts.attribution_key,
    cast(null as timestamp) as hour_start,
    cast(null as decimal(18, 12)) as share_ratio,
    daily.billed_cost,
    parts.billed_cost as shared_billed_cost,
    daily.effective_cost,
    parts.effective_cost as shared_effective_cost
from (
    select
        source_name,
        billing_period,
        attribution_key,
        billing_currency,
        sum(billed_cost) as billed_cost,
        sum(effective_cost) as effective_cost
    from {{ ref('run_attached_costs') }}
    group by source_name, billing_period, attribution_key, billing_currency
) as parts
left join (
    select
        source_name,
        billing_period,
        attribution_key,
        sum(billed_cost) as billed_cost,
        sum(effective_cost) as effective_cost
    from {{ ref('daily_costs') }}
    group by source_name, billing_period, attribution_key
) as daily
    on
        parts.source_name = daily.source_name
        and parts.billing_period = daily.billing_period
        and parts.attribution_key = daily.attribution_key
where
    parts.billed_cost is distinct from daily.billed_cost
    or parts.effective_cost is distinct from daily.effective_cost
