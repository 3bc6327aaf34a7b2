-- One row per month, accelerator, size of its memory, provider, region and purchase option: what we
-- pay for an hour of one, what lists ask, by gigabyte and by PFLOPS, and where it is offered for
-- less. In the reporting currency.
{% set place = ['usage_month', 'accelerator_model', 'memory_gib', 'provider', 'region_id'] %}
{% set thing = 'usage_month, accelerator_model, memory_gib, is_interruptible' %}
with paid as (

    select
        *,
        purchase_option = 'spot' as is_interruptible,
        case when purchase_option = 'spot' then 'spot' else 'on_demand' end as list_option,
        {{ ratio('reporting_effective_cost', 'accelerator_hours') }} as paid_per_hour,
        {{ ratio('reporting_list_cost', 'accelerator_hours') }} as billed_list_per_hour
    from {{ ref('accelerator_payments') }}

),

offers as (

    select
        *,
        purchase_option = 'spot' as is_interruptible,
        price_age in ('of_the_month', 'undated') as is_of_the_month
    from {{ ref('accelerator_offers') }}

),

both_sides as (

    select
        {% for column in place -%}
        coalesce(paid.{{ column }}, offers.{{ column }}) as {{ column }},
        {% endfor -%}
        coalesce(paid.purchase_option, offers.purchase_option) as purchase_option,
        coalesce(paid.is_interruptible, offers.is_interruptible) as is_interruptible,
        coalesce(paid.reporting_currency, offers.reporting_currency) as reporting_currency,
        paid.accelerator_hours,
        paid.reporting_effective_cost,
        paid.paid_per_hour,
        paid.billed_list_per_hour,
        offers.price_per_hour as list_per_hour,
        offers.instance_type as list_instance_type,
        offers.valid_from as list_price_from,
        offers.price_age as list_price_age,
        offers.source as list_source,
        coalesce(paid.paid_per_hour, offers.price_per_hour) as price_per_hour,
        case
            when paid.provider is not null and paid.accelerator_model is null
                then 'accelerator not known'
            when paid.provider is not null and paid.memory_gib is null
                then 'size of memory not known'
            when paid.accelerator_hours = 0 then 'no hours counted'
            when paid.provider is not null and paid.accelerator_hours is null
                then 'hours not known'
            when paid.provider is not null and paid.paid_per_hour is null then 'no exchange rate'
            when paid.provider is null and not offers.is_of_the_month
                then 'price of another time'
        end as not_comparable_because
    from paid
    full outer join offers
        on
            {% for column in place -%}
            paid.{{ column }} = offers.{{ column }}
            and {% endfor -%}
            paid.list_option = offers.purchase_option

),

-- What can be taken away at any time compares only with its like.
cheapest_offers as (

    select * from offers
    where is_of_the_month
    qualify
        row_number() over (
            partition by {{ thing }} order by price_per_hour, provider, region_id
        ) = 1

),

least_paid as (

    select * from both_sides
    where not_comparable_because is null and paid_per_hour is not null
    qualify
        row_number() over (
            partition by {{ thing }} order by paid_per_hour, provider, region_id, purchase_option
        ) = 1

)

select
    {% for column in place -%}
    prices.{{ column }},
    {% endfor -%}
    prices.purchase_option,
    prices.reporting_currency,
    prices.accelerator_hours,
    prices.reporting_effective_cost,
    round(prices.paid_per_hour, 6) as paid_per_hour,
    round(prices.billed_list_per_hour, 6) as billed_list_per_hour,
    round(prices.list_per_hour, 6) as list_per_hour,
    prices.list_instance_type,
    prices.list_price_from,
    prices.list_price_age,
    prices.list_source,
    round({{ ratio('prices.price_per_hour', 'prices.memory_gib') }}, 8) as price_per_gib_hour,
    round({{ ratio('1000 * prices.price_per_hour', 'specs.dense_16bit_tflops') }}, 6)
        as price_per_pflops_hour,
    specs.has_bf16 as is_bf16_pflops,
    prices.not_comparable_because,
    cheapest_offers.provider as cheapest_offer_provider,
    cheapest_offers.region_id as cheapest_offer_region_id,
    round(cheapest_offers.price_per_hour, 6) as cheapest_offer_per_hour,
    round(prices.price_per_hour - cheapest_offers.price_per_hour, 6) as difference_per_hour,
    round(
        (prices.price_per_hour - cheapest_offers.price_per_hour)
        * cast(prices.accelerator_hours as double), 2
    ) as difference_in_month,
    least_paid.provider as least_paid_provider,
    least_paid.region_id as least_paid_region_id,
    least_paid.purchase_option as least_paid_purchase_option,
    round(least_paid.paid_per_hour, 6) as least_paid_per_hour
from both_sides as prices
left join {{ ref('accelerator_specs') }} as specs
    on
        prices.accelerator_model = specs.accelerator_model
        and prices.memory_gib = specs.memory_gib
{% for cheapest in ['cheapest_offers', 'least_paid'] -%}
left join {{ cheapest }}
    on
        prices.usage_month = {{ cheapest }}.usage_month
        and prices.accelerator_model = {{ cheapest }}.accelerator_model
        and prices.memory_gib = {{ cheapest }}.memory_gib
        and prices.is_interruptible = {{ cheapest }}.is_interruptible
        and prices.not_comparable_because is null
{% endfor %}
