-- Fails with each source, billing period and currency, and each attribution key, whose direct,
-- shared and residual parts, or days, do not add up to what it was charged.
{% set costs = ['billed_cost', 'effective_cost', 'list_cost', 'contracted_cost'] %}

with parts as (

    select
        source_name,
        billing_period,
        billing_currency,
        attribution_key,
        {%- for cost in costs %}
        sum({{ cost }}) as {{ cost }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('allocated_costs') }}
    group by source_name, billing_period, billing_currency, attribution_key

),

charged as (

    select
        source_name,
        billing_period,
        attribution_key,
        {%- for cost in costs %}
        sum({{ cost }}) as {{ cost }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('daily_costs') }}
    group by source_name, billing_period, attribution_key

),

days as (

    select
        source_name,
        billing_period,
        billing_currency,
        sum(billed_cost) as billed_cost,
        sum(effective_cost) as effective_cost
    from {{ ref('charged_days') }}
    group by source_name, billing_period, billing_currency

),

bills as (

    select
        'allocated' as costs,
        source_name,
        billing_period,
        billing_currency,
        sum(billed_cost) as billed_cost,
        sum(effective_cost) as effective_cost
    from parts
    group by source_name, billing_period, billing_currency
    union all
    select
        'daily' as costs,
        source_name,
        billing_period,
        billing_currency,
        sum(billed_cost) as billed_cost,
        sum(effective_cost) as effective_cost
    from {{ ref('cost_daily') }}
    group by source_name, billing_period, billing_currency

),

expected as (

    select days.*, 'allocated' as costs from days
    union all
    select days.*, 'daily' as costs from days

)

select
    coalesce(charged.source_name, parts.source_name) as source_name,
    coalesce(charged.billing_period, parts.billing_period) as billing_period,
    coalesce(charged.attribution_key, parts.attribution_key) as attribution_key,
    charged.billed_cost as charged_billed_cost,
    parts.billed_cost as allocated_billed_cost,
    charged.effective_cost as charged_effective_cost,
    parts.effective_cost as allocated_effective_cost
from charged
full outer join parts
    on
        charged.source_name = parts.source_name
        and charged.billing_period = parts.billing_period
        and charged.attribution_key = parts.attribution_key
where
    charged.source_name is null
    or parts.source_name is null
    {%- for cost in costs %}
    or charged.{{ cost }} is distinct from parts.{{ cost }}
    {%- endfor %}
union all
select
    coalesce(expected.source_name, bills.source_name) as source_name,
    coalesce(expected.billing_period, bills.billing_period) as billing_period,
    cast(null as bigint) as attribution_key,
    expected.billed_cost as charged_billed_cost,
    bills.billed_cost as allocated_billed_cost,
    expected.effective_cost as charged_effective_cost,
    bills.effective_cost as allocated_effective_cost
from expected
full outer join bills
    on
        expected.costs = bills.costs
        and expected.source_name = bills.source_name
        and expected.billing_period = bills.billing_period
        and expected.billing_currency = bills.billing_currency
where
    expected.billed_cost is distinct from bills.billed_cost
    or expected.effective_cost is distinct from bills.effective_cost
