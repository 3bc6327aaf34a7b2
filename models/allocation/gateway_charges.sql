-- One row per day, provider, model, tier, currency of the bill, log and its prices: what a gateway
-- counted and thinks that it cost, in the words and the currency of the provider's bill.
{%- set counted = [
    'requests', 'input_tokens', 'output_tokens', 'cache_read_tokens', 'cache_write_tokens'
] %}
{%- set prices = ['input', 'output', 'cache_read'] %}
with logged as (

    select
        cast(usage.hour_start as date) as charge_date,
        usage.billing_period,
        usage.source_name,
        usage.provider,
        coalesce(aliases.model, usage.model_name) as model,
        case usage.service_tier
            when 'batch' then 'batch' when 'flex' then 'flex' when 'priority' then 'priority'
            else 'standard'
        end as service_tier,
        usage.stated_currency,
        {%- for price in prices %}
        usage.stated_{{ price }}_price,
        {%- endfor %}
        {%- for column in counted %}
        sum(usage.{{ column }}) as {{ column }},
        {%- endfor %}
        sum(usage.stated_cost) as stated_cost
    from {{ ref('usage_hours') }} as usage
    left join {{ ref('model_aliases') }} as aliases on usage.model_name = aliases.model_name
    where
        usage.evidence_kind = 'gateway'
        and usage.stated_cost is not null
        -- What a gateway answers itself is on nobody's bill, and own machines bill no tokens.
        and coalesce(usage.service_tier, '') <> 'gateway_cache'
        and usage.provider <> 'self_hosted'
    group by
        cast(usage.hour_start as date),
        usage.billing_period,
        usage.source_name,
        usage.provider,
        coalesce(aliases.model, usage.model_name),
        usage.service_tier,
        usage.stated_currency,
        usage.stated_input_price,
        usage.stated_output_price,
        usage.stated_cache_read_price

),

billed as (

    select
        charges.billing_period,
        charges.provider,
        charges.model,
        charges.billing_currency,
        sum(keys.effective_cost) as effective_cost
    from {{ ref('model_charges') }} as charges
    inner join {{ ref('attribution_keys') }} as keys
        on
            charges.source_name = keys.source_name
            and charges.billing_period = keys.billing_period
            and charges.attribution_key = keys.attribution_key
    group by
        charges.billing_period, charges.provider, charges.model, charges.billing_currency

),

-- A model may be billed in several currencies: the gateway's own, else the one that most is in.
placed as (

    select
        logged.*,
        coalesce(billed.billing_currency, logged.stated_currency) as billing_currency
    from logged
    left join billed
        on
            logged.billing_period = billed.billing_period
            and logged.provider = billed.provider
            and logged.model = billed.model
    qualify
        row_number() over (
            partition by
                logged.charge_date, logged.source_name, logged.provider, logged.model,
                logged.service_tier, logged.stated_currency,
                logged.stated_input_price, logged.stated_output_price,
                logged.stated_cache_read_price
            order by
                billed.billing_currency is not distinct from logged.stated_currency desc,
                billed.effective_cost desc,
                billed.billing_currency
        ) = 1

)

select
    placed.charge_date,
    placed.billing_period,
    placed.source_name,
    placed.provider,
    placed.model,
    placed.service_tier,
    placed.billing_currency,
    placed.stated_currency,
    coalesce(placed.stated_currency <> placed.billing_currency, false) as is_other_currency,
    {%- for column in counted %}
    placed.{{ column }},
    {%- endfor %}
    {%- for price in prices %}
    {{ token_price('placed.stated_' ~ price ~ '_price') }} as {{ price }}_price,
    {%- endfor %}
    placed.stated_cost,
    case
        when coalesce(placed.stated_currency, placed.billing_currency) = placed.billing_currency
            then {{ money('placed.stated_cost') }}
        else {{ money('round(cast(placed.stated_cost as double) * '
            ~ ratio('own.exchange_rate', 'theirs.exchange_rate') ~ ', 10)') }}
    end as gateway_cost
from placed
left join {{ ref('daily_exchange_rates') }} as own
    on placed.stated_currency = own.billing_currency and placed.charge_date = own.charge_date
left join {{ ref('daily_exchange_rates') }} as theirs
    on placed.billing_currency = theirs.billing_currency and placed.charge_date = theirs.charge_date
