-- One row per billing period, source, currency, own endpoint, model and API model of the same
-- class: what its tokens cost, what they would have cost there, and the load at which both cost
-- the same.
{% set endpoint = [
    'billing_period', 'source_name', 'billing_currency', 'provider', 'serving_kind',
    'resource_key', 'model'
] %}
{% set counted = ['input_tokens', 'output_tokens', 'cache_read_tokens', 'cache_write_tokens'] %}
with models as (

    select
        model,
        max(model_class) as model_class
    from {{ ref('model_aliases') }}
    where is_known_model
    group by model

),

endpoints as (

    select
        {% for column in endpoint %}hours.{{ column }}, {% endfor %}
        models.model_class,
        max(cast(hours.hour_start as date)) as last_day,
        count(*) as hours_served,
        sum(hours.effective_cost) as effective_cost,
        {%- for column in counted %}
        coalesce(sum(hours.{{ column }}), 0) as {{ column }},
        {%- endfor %}
        max(
            hours.input_tokens + coalesce(hours.output_tokens, 0)
            + coalesce(hours.cache_read_tokens, 0) + coalesce(hours.cache_write_tokens, 0)
        ) as busiest_tokens_per_hour
    from {{ ref('endpoints_hourly') }} as hours
    inner join models on hours.model = models.model
    group by {% for column in endpoint %}hours.{{ column }}, {% endfor %} models.model_class
    having sum(hours.input_tokens) > 0

),

-- Public prices of a million tokens in the currency of the endpoint's bill on its last day.
priced as (

    select
        {% for column in endpoint %}endpoints.{{ column }}, {% endfor %}
        prices.provider as api_provider,
        prices.model as api_model,
        {%- for meter in ['input', 'output', 'cached_input'] %}
        max(case when prices.meter = '{{ meter }}' then cast(prices.list_unit_price as double)
            * case when prices.currency = endpoints.billing_currency then 1 else {{ ratio(
                'theirs.exchange_rate', 'own.exchange_rate'
            ) }} end end) as {{ meter }}_price{{ ',' if not loop.last }}
        {%- endfor %}
    from endpoints
    inner join models on endpoints.model_class = models.model_class
    inner join {{ ref('model_prices') }} as prices
        on
            models.model = prices.model
            and prices.service_tier = 'standard'
            and endpoints.last_day >= prices.valid_from
            and endpoints.last_day < prices.valid_to
    left join {{ ref('daily_exchange_rates') }} as own
        on
            endpoints.billing_currency = own.billing_currency
            and endpoints.last_day = own.charge_date
    left join {{ ref('daily_exchange_rates') }} as theirs
        on prices.currency = theirs.billing_currency and endpoints.last_day = theirs.charge_date
    group by
        {% for column in endpoint %}endpoints.{{ column }}, {% endfor %}
        prices.provider, prices.model

),

compared as (

    select
        endpoints.*,
        input_tokens + output_tokens + cache_read_tokens + cache_write_tokens as tokens,
        priced.api_provider,
        priced.api_model,
        (
            (endpoints.input_tokens + endpoints.cache_write_tokens) * priced.input_price
            + endpoints.cache_read_tokens * coalesce(priced.cached_input_price, priced.input_price)
            -- Embeddings answer without tokens.
            + case when endpoints.output_tokens = 0 then 0
                else endpoints.output_tokens * priced.output_price end
        ) / 1000000 as api_cost
    from endpoints
    inner join priced
        on
            {%- for column in endpoint %}
            {{ 'and ' if not loop.first }}endpoints.{{ column }} = priced.{{ column }}
            {%- endfor %}

)

select
    {{ endpoint | join(',\n    ') }},
    model_class,
    api_provider,
    api_model,
    api_model = model as is_same_model,
    cast(hours_served as bigint) as hours_served,
    {{ quantity('tokens') }} as tokens,
    {{ money('effective_cost') }} as effective_cost,
    {{ money('round(api_cost, 10)') }} as api_cost,
    round(1000000 * {{ ratio('effective_cost', 'tokens') }}, 9) as cost_per_million,
    round(1000000 * {{ ratio('api_cost', 'tokens') }}, 9) as api_cost_per_million,
    round({{ ratio('tokens', 'hours_served') }}, 3) as tokens_per_hour,
    {{ quantity('busiest_tokens_per_hour') }} as busiest_tokens_per_hour,
    round({{ ratio('effective_cost', 'hours_served') }} / {{ ratio('api_cost', 'tokens') }}, 3)
        as break_even_tokens_per_hour,
    round({{ ratio('api_cost', 'effective_cost') }}, 6) as load_to_break_even,
    case when effective_cost <= api_cost then 'build' else 'buy' end as cheaper
from compared
where api_cost > 0
