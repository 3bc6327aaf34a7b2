-- One row per day of charge, source, billing period, currency, provider, account, resource,
-- principal, credential, owner, phase, model, token class, tier and unit: tokens, costs, prices
-- per million.
{% set who = [
    'provider', 'sub_account_id', 'sub_account_name', 'resource_id', 'principal_id',
    'credential_id', 'team', 'project', 'owner_class', 'workload_phase', 'model_name', 'model',
    'model_family', 'model_vendor', 'model_class', 'is_known_model', 'token_class', 'price_meter',
    'service_tier', 'consumed_unit'
] %}
{% set day = ['charge_date', 'source_name', 'billing_period', 'billing_currency'] %}
with charged as (

    select
        daily.charge_date,
        daily.source_name,
        daily.billing_period,
        charges.billing_currency,
        charges.provider,
        charges.sub_account_id,
        charges.sub_account_name,
        charges.resource_id,
        charges.principal_id,
        charges.credential_id,
        attributions.team,
        attributions.project,
        attributions.owner_class,
        attributions.workload_phase,
        charges.model_name,
        charges.model,
        charges.model_family,
        charges.model_vendor,
        charges.model_class,
        charges.is_known_model,
        coalesce(
            charges.ruled_class,
            classes.token_class,
            case when daily.consumed_unit = 'Tokens' then 'unclassed_tokens' else 'other' end
        ) as token_class,
        charges.service_tier,
        daily.consumed_unit,
        daily.charge_rows,
        daily.consumed_quantity,
        daily.billed_cost,
        daily.effective_cost,
        daily.list_cost
    from {{ ref('daily_costs') }} as daily
    inner join {{ ref('model_charges') }} as charges
        on
            daily.source_name = charges.source_name
            and daily.billing_period = charges.billing_period
            and daily.attribution_key = charges.attribution_key
    inner join {{ ref('key_attributions') }} as attributions
        on
            daily.source_name = attributions.source_name
            and daily.billing_period = attributions.billing_period
            and daily.attribution_key = attributions.attribution_key
            and cast(daily.charge_date as timestamp) >= attributions.valid_from
            and cast(daily.charge_date as timestamp) < attributions.valid_to
    left join {{ ref('token_classes') }} as classes
        on
            daily.consumed_unit = 'Tokens'
            and daily.token_direction = classes.token_direction
            and coalesce(daily.token_cache_action, '') = coalesce(classes.token_cache_action, '')

),

summed as (

    select
        {% for column in day %}charged.{{ column }}, {% endfor %}
        {% for column in who if column != 'price_meter' %}charged.{{ column }}, {% endfor %}
        classes.price_meter,
        sum(charged.charge_rows) as charge_rows,
        {{ quantity('sum(charged.consumed_quantity)') }} as consumed_quantity,
        {{ quantity("sum(case when charged.consumed_unit = 'Tokens' "
            ~ "then charged.consumed_quantity end)") }} as tokens,
        {{ money('sum(charged.billed_cost)') }} as billed_cost,
        {{ money('sum(charged.effective_cost)') }} as effective_cost,
        {{ money('sum(charged.list_cost)') }} as list_cost
    from charged
    left join {{ ref('token_classes') }} as classes on charged.token_class = classes.token_class
    group by
        {% for column in day %}charged.{{ column }}, {% endfor %}
        {% for column in who if column != 'price_meter' %}charged.{{ column }}, {% endfor %}
        classes.price_meter

)

select
    {% for column in day + who if column != 'price_meter' %}summed.{{ column }},
    {% endfor -%}
    summed.consumed_quantity,
    summed.tokens,
    summed.billed_cost,
    summed.effective_cost,
    summed.list_cost,
    round({{ ratio('summed.billed_cost', 'summed.tokens / 1000000') }}, 9)
        as billed_cost_per_million,
    round({{ ratio('summed.effective_cost', 'summed.tokens / 1000000') }}, 9)
        as effective_cost_per_million,
    prices.list_unit_price as public_price_per_million,
    prices.currency as public_price_currency,
    case
        when prices.currency = summed.billing_currency
            then round({{ ratio(
                'summed.effective_cost', 'summed.tokens / 1000000 * prices.list_unit_price'
            ) }}, 6)
    end as price_to_public,
    -- What the same tokens would have cost without a cache, at the rates that the bill has: public
    -- prices only say how much dearer reading them in full is. Writing a cache costs more.
    case
        when summed.token_class like 'cache%' and summed.tokens <> 0
            then {{ money('round(cast(summed.effective_cost as double) * ('
                ~ ratio('input_prices.list_unit_price', 'prices.list_unit_price') ~ ' - 1), 9)') }}
    end as cache_saving,
    cast(summed.charge_rows as bigint) as charge_rows
from summed
left join {{ ref('model_prices') }} as prices
    on
        summed.provider = prices.provider
        and summed.model = prices.model
        and summed.price_meter = prices.meter
        and summed.service_tier = prices.service_tier
        and summed.charge_date >= prices.valid_from
        and summed.charge_date < prices.valid_to
left join {{ ref('model_prices') }} as input_prices
    on
        summed.provider = input_prices.provider
        and summed.model = input_prices.model
        and input_prices.meter = 'input'
        and summed.service_tier = input_prices.service_tier
        and summed.charge_date >= input_prices.valid_from
        and summed.charge_date < input_prices.valid_to
