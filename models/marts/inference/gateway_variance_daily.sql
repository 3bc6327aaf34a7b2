-- One row per day, provider, model and currency of the bill: what a gateway thinks that its calls
-- cost, what the provider billed, and what explains the difference. Parts add up to it exactly.
{% set who = ['charge_date', 'billing_period', 'provider', 'model', 'billing_currency'] %}
{% set causes = [
    'missing_requests', 'cache_at_full_rate', 'stale_price', 'currency_conversion', 'unexplained'
] %}
with gateways as (

    select
        {{ who | join(', ') }},
        sum(requests) as requests,
        -- Without an exchange rate nobody knows what was meant.
        case when count_if(gateway_cost is null) = 0 then sum(gateway_cost) end as gateway_cost,
        coalesce(sum(case when is_other_currency then gateway_cost end), 0) as converted_cost
    from {{ ref('gateway_charges') }}
    group by {{ who | join(', ') }}

),

parts as (

    select
        {{ who | join(', ') }},
        sum(gateway_tokens) as gateway_tokens,
        sum(billed_tokens) as billed_tokens,
        sum(billed_cost) as billed_cost,
        sum(missing_requests) as missing_requests,
        sum(cache_at_full_rate) as cache_at_full_rate,
        sum(stale_price) as stale_price,
        sum(cost_in_other_currency) as cost_in_other_currency
    from {{ ref('gateway_variance_classes') }}
    group by {{ who | join(', ') }}

),

compared as (

    select
        {% for column in who %}coalesce(parts.{{ column }}, gateways.{{ column }}) as {{ column }},
        {% endfor -%}
        case when gateways.charge_date is null then 0 else gateways.requests end as requests,
        parts.gateway_tokens,
        parts.billed_tokens,
        case when gateways.charge_date is null then 0 else gateways.gateway_cost end
            as gateway_cost,
        coalesce(parts.billed_cost, 0) as billed_cost,
        coalesce(parts.missing_requests, 0) as missing_requests,
        coalesce(parts.cache_at_full_rate, 0) as cache_at_full_rate,
        coalesce(parts.stale_price, 0) as stale_price,
        coalesce(gateways.converted_cost, 0) - coalesce(parts.cost_in_other_currency, 0)
            as currency_conversion
    from parts
    full outer join gateways
        on
            {%- for column in who %}
            {{ 'and ' if not loop.first }}parts.{{ column }} = gateways.{{ column }}
            {%- endfor %}

),

explained as (

    select
        *,
        gateway_cost - billed_cost as difference,
        gateway_cost - billed_cost - missing_requests - cache_at_full_rate - stale_price
        - currency_conversion as unexplained
    from compared

)

select
    {{ who | join(',\n    ') }},
    {{ quantity('requests') }} as requests,
    gateway_tokens,
    billed_tokens,
    {{ money('gateway_cost') }} as gateway_cost,
    {{ money('billed_cost') }} as billed_cost,
    {{ money('difference') }} as difference,
    round({{ ratio('difference', 'billed_cost') }}, 6) as difference_ratio,
    {%- for cause in causes %}
    {{ money(cause) }} as {{ cause }},
    {%- endfor %}
    case
        when abs(difference) < 0.005 then 'none'
        {%- for cause in causes %}
        when abs({{ cause }}) = greatest({{ 'abs(' ~ causes | join('), abs(') ~ ')' }})
            then '{{ cause }}'
        {%- endfor %}
    end as main_cause
from explained
