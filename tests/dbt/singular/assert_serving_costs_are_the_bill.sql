-- Fails with each source, billing period and currency where endpoints do not cost what their
-- machines and provisioned capacity do, or unit costs not what endpoints and model APIs do.
{% set bill = 'source_name, billing_period, billing_currency' %}
with serving as (

    select distinct machines.source_name, machines.billing_period, machines.attribution_key
    from {{ ref('machine_hours') }} as machines
    inner join {{ ref('key_attributions') }} as attributions
        on
            machines.source_name = attributions.source_name
            and machines.billing_period = attributions.billing_period
            and machines.attribution_key = attributions.attribution_key
    left join (
        select distinct provider, resource_key from {{ ref('usage_hours') }}
        where evidence_kind in ('server_metrics', 'endpoint_metrics')
    ) as asked
        on machines.provider = asked.provider and machines.resource_key = asked.resource_key
    where attributions.workload_phase = 'inference' or asked.resource_key is not null

),

expected as (

    select
        {{ bill }}, sum(endpoint_cost) as endpoint_cost, sum(unit_cost) as unit_cost
    from (
        select
            machines.source_name, machines.billing_period, machines.billing_currency,
            machines.effective_cost as endpoint_cost, machines.effective_cost as unit_cost
        from {{ ref('machine_hours') }} as machines
        inner join serving
            on
                machines.source_name = serving.source_name
                and machines.billing_period = serving.billing_period
                and machines.attribution_key = serving.attribution_key
        union all
        select
            runs.source_name, runs.billing_period, runs.billing_currency,
            -runs.effective_cost as endpoint_cost, -runs.effective_cost as unit_cost
        from {{ ref('run_machine_hours') }} as runs
        inner join serving
            on
                runs.source_name = serving.source_name
                and runs.billing_period = serving.billing_period
                and runs.attribution_key = serving.attribution_key
        where runs.share_kind = 'run'
        union all
        select
            {{ bill }},
            case
                when token_class = 'provisioned_throughput' and consumed_unit = 'Hours'
                    and resource_id is not null
                    then effective_cost
                else 0
            end as endpoint_cost,
            effective_cost as unit_cost
        from {{ ref('token_costs_daily') }}
        where token_class <> 'training'
    ) as parts
    group by {{ bill }}

),

endpoints as (

    select {{ bill }}, sum(effective_cost) as cost from {{ ref('endpoints_hourly') }}
    group by {{ bill }}

),

units as (

    select {{ bill }}, sum(effective_cost) as cost from {{ ref('unit_costs_daily') }}
    group by {{ bill }}

)

select
    expected.*,
    endpoints.cost as counted_endpoint_cost,
    units.cost as counted_unit_cost
from expected
full outer join endpoints
    on
        expected.source_name = endpoints.source_name
        and expected.billing_period = endpoints.billing_period
        and expected.billing_currency = endpoints.billing_currency
full outer join units
    on
        expected.source_name = units.source_name
        and expected.billing_period = units.billing_period
        and expected.billing_currency = units.billing_currency
where
    coalesce(expected.endpoint_cost, 0) <> coalesce(endpoints.cost, 0)
    or coalesce(expected.unit_cost, 0) <> coalesce(units.cost, 0)
