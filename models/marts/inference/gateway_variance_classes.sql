-- One row per day, provider, model, currency of the bill, tier and token class: tokens that a
-- gateway logged and that were billed, and what makes their costs differ.
{% set who = ['charge_date', 'billing_period', 'provider', 'model', 'billing_currency'] %}
{% set keys = who + ['service_tier', 'token_class'] %}
{% set prices = {
    'input': 'input_price', 'output': 'output_price',
    'cache_read': 'coalesce(cache_read_price, input_price)',
    'cache_write': 'cast(null as decimal(18, 15))'
} %}
with counted as (

    {% for class, price in prices.items() %}
    select
        {{ who | join(', ') }},
        service_tier,
        '{{ class }}' as token_class,
        is_other_currency,
        {{ class }}_tokens as tokens,
        {{ price }} as price,
        -- A gateway that has no price for what a cache holds takes that of reading in full.
        {{ "coalesce(cache_read_price >= input_price, input_price is not null)"
            if class == 'cache_read' else 'false' }} as is_full_rate
    from {{ ref('gateway_charges') }}
    where {{ class }}_tokens is not null
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

seen as (

    select distinct billing_period, provider, model, billing_currency
    from {{ ref('gateway_charges') }}

),

-- Only models that the gateway has seen in that month; caches are written for one price on average.
billed as (

    select
        {% for column in who %}costs.{{ column }}, {% endfor %}
        costs.service_tier,
        regexp_replace(costs.token_class, '^cache_write.*', 'cache_write') as token_class,
        sum(costs.tokens) as tokens,
        sum(costs.billed_cost) as billed_cost,
        {{ token_price('min(costs.billed_cost_per_million)') }} as lowest_price,
        {{ token_price('max(costs.billed_cost_per_million)') }} as highest_price
    from {{ ref('token_costs_daily') }} as costs
    inner join seen
        on
            costs.billing_period = seen.billing_period
            and costs.provider = seen.provider
            and costs.model = seen.model
            and costs.billing_currency = seen.billing_currency
    where costs.tokens is not null and costs.token_class <> 'training'
    group by
        {% for column in who %}costs.{{ column }}, {% endfor %}
        costs.service_tier,
        regexp_replace(costs.token_class, '^cache_write.*', 'cache_write')

),

-- A price between those that the bill has on that day is no wrong one: regions differ. Tokens in
-- another currency, or without a price, are worth what the bill has left for them.
fair as (

    select
        {% for column in keys %}counted.{{ column }}, {% endfor %}
        counted.tokens,
        counted.price,
        counted.is_other_currency,
        case
            when counted.is_other_currency or counted.price is null then 'left'
            when counted.is_full_rate then 'full_rate'
            else 'priced'
        end as kind,
        least(
            greatest(counted.price, coalesce(billed.lowest_price, counted.price)),
            coalesce(billed.highest_price, counted.price)
        ) as fair_price
    from counted
    left join billed
        on
            {%- for column in who + ['service_tier'] %}
            counted.{{ column }} = billed.{{ column }} and
            {%- endfor %}
            billed.token_class = case when counted.is_full_rate then 'input'
                else counted.token_class end

),

logged as (

    select
        {{ keys | join(', ') }},
        sum(tokens) as tokens,
        sum(case when is_other_currency then tokens else 0 end) as foreign_tokens,
        {%- for kind in ['priced', 'full_rate'] %}
        sum(case when kind = '{{ kind }}' then tokens else 0 end) as {{ kind }}_tokens,
        sum(case when kind = '{{ kind }}' then {{ tokens_times_price('tokens', 'fair_price') }}
            else 0 end) as {{ kind }}_cost,
        {%- endfor %}
        sum(case when kind <> 'left' then {{ tokens_times_price('tokens', 'price') }} else 0 end)
            as reckoned_cost
    from fair
    group by {{ keys | join(', ') }}

),

compared as (

    select
        {% for column in keys -%}
        coalesce(logged.{{ column }}, billed.{{ column }}) as {{ column }},
        {% endfor -%}
        {%- for column in ['tokens', 'foreign_tokens', 'priced_tokens', 'full_rate_tokens',
            'priced_cost', 'full_rate_cost', 'reckoned_cost'] %}
        coalesce(logged.{{ column }}, 0) as {{ 'logged_' if column == 'tokens' }}{{ column }},
        {%- endfor %}
        coalesce(billed.tokens, 0) as billed_tokens,
        coalesce(billed.billed_cost, 0) as billed_cost,
        {{ token_price('1000000 * coalesce('
            ~ ratio(
                'case when billed.tokens > coalesce(logged.priced_tokens, 0) then '
                ~ 'billed.billed_cost - coalesce(logged.priced_cost, 0) end',
                'billed.tokens - coalesce(logged.priced_tokens, 0)'
            ) ~ ', ' ~ ratio('billed.billed_cost', 'billed.tokens')
            ~ ', ' ~ ratio('logged.priced_cost', 'logged.priced_tokens') ~ ', 0)') }} as price
    from logged
    full outer join billed
        on
            {%- for column in keys %}
            {{ 'and ' if not loop.first }}logged.{{ column }} = billed.{{ column }}
            {%- endfor %}

)

select
    {{ keys | join(',\n    ') }},
    {{ quantity('logged_tokens') }} as gateway_tokens,
    {{ quantity('billed_tokens') }} as billed_tokens,
    {{ money('billed_cost') }} as billed_cost,
    round(1000000 * {{ ratio('billed_cost', 'billed_tokens') }}, 9) as billed_price_per_million,
    round(1000000 * {{ ratio('reckoned_cost', 'priced_tokens + full_rate_tokens') }}, 9)
        as gateway_price_per_million,
    {{ tokens_times_price('logged_tokens - billed_tokens', 'price') }} as missing_requests,
    {{ money('full_rate_cost - ' ~ tokens_times_price('full_rate_tokens', 'price')) }}
        as cache_at_full_rate,
    {{ money('reckoned_cost - priced_cost - full_rate_cost') }} as stale_price,
    {{ tokens_times_price('foreign_tokens', 'price') }} as cost_in_other_currency
from compared
