-- Fails with each billing period, provider, model and currency where what explains the difference
-- of a gateway is not the difference, or where costs that are compared are not those of log and
-- bill.
{% set model = 'billing_period, provider, model, billing_currency' %}
with compared as (

    select
        {{ model }},
        sum(gateway_cost) as gateway_cost,
        sum(billed_cost) as billed_cost,
        sum(gateway_cost - billed_cost) as difference,
        sum(
            missing_requests + cache_at_full_rate + stale_price + currency_conversion + unexplained
        ) as explained,
        count(case when gateway_cost is null then 1 end) as days_without_rate
    from {{ ref('gateway_variance_daily') }}
    group by {{ model }}

),

logged as (

    select {{ model }}, sum(gateway_cost) as gateway_cost from {{ ref('gateway_charges') }}
    group by {{ model }}

),

billed as (

    select {{ model }}, sum(billed_cost) as billed_cost from {{ ref('token_costs_daily') }}
    where tokens is not null and token_class <> 'training'
    group by {{ model }}

)

select
    coalesce(logged.provider, compared.provider) as provider,
    coalesce(logged.model, compared.model) as model,
    coalesce(logged.billing_period, compared.billing_period) as billing_period,
    logged.gateway_cost as expected_gateway_cost,
    compared.gateway_cost,
    billed.billed_cost as expected_billed_cost,
    compared.billed_cost,
    compared.difference,
    compared.explained
from logged
full outer join compared
    on
        logged.billing_period = compared.billing_period
        and logged.provider = compared.provider
        and logged.model = compared.model
        and logged.billing_currency = compared.billing_currency
left join billed
    on
        logged.billing_period = billed.billing_period
        and logged.provider = billed.provider
        and logged.model = billed.model
        and logged.billing_currency = billed.billing_currency
where
    compared.difference is distinct from compared.explained
    or coalesce(billed.billed_cost, 0) is distinct from compared.billed_cost
    or (
        compared.days_without_rate = 0
        and logged.gateway_cost is distinct from compared.gateway_cost
    )
