-- One row per month, provider, region, purchase option and accelerator that we use: the cheapest
-- list price of one for an hour, as of that month and in the reporting currency.
with specs as (

    select *, count(*) over (partition by accelerator_model) as sizes
    from {{ ref('accelerator_specs') }}

),

used as (

    select distinct usage_month, accelerator_model, memory_gib
    from {{ ref('accelerator_payments') }}

),

-- The last rate of the month; prices in the reporting currency need none.
rates as (

    select
        cast({{ dbt.date_trunc('month', 'charge_date') }} as date) as usage_month,
        billing_currency,
        max_by(exchange_rate, charge_date) as exchange_rate
    from {{ ref('daily_exchange_rates') }}
    where exchange_rate is not null
    group by cast({{ dbt.date_trunc('month', 'charge_date') }} as date), billing_currency

),

priced as (

    select
        used.usage_month,
        used.accelerator_model,
        used.memory_gib,
        prices.provider,
        nullif(prices.region_id, '') as region_id,
        prices.instance_type,
        prices.purchase_option,
        prices.valid_from,
        prices.source,
        policy.reporting_currency,
        prices.hourly_price / prices.accelerator_count * case
            when prices.currency = policy.reporting_currency then 1 else rates.exchange_rate
        end as price_per_hour,
        {{ dbt.datediff('prices.valid_from', 'used.usage_month', 'day') }} as days_before,
        row_number() over (
            partition by
                used.usage_month, prices.provider, prices.region_id, prices.instance_type,
                prices.purchase_option, prices.currency
            order by
                -- The newest list that the month could know, else the first one after it.
                case when prices.valid_from < {{ dbt.dateadd('month', 1, 'used.usage_month') }}
                    then 0 else 1 end,
                case when prices.valid_from < {{ dbt.dateadd('month', 1, 'used.usage_month') }}
                    then prices.valid_from end desc,
                prices.valid_from
        ) as place
    from {{ ref('accelerator_prices') }} as prices
    cross join {{ ref('reporting_currency') }} as policy
    inner join specs
        on {{ is_spec_of(
            'specs', accelerator_base_name('prices.accelerator_model'),
            'prices.accelerator_memory_gib'
        ) }}
    inner join used
        on specs.accelerator_model = used.accelerator_model and specs.memory_gib = used.memory_gib
    left join rates
        on used.usage_month = rates.usage_month and prices.currency = rates.billing_currency

),

judged as (

    select
        *,
        case
            when valid_from is null then 'undated'
            when days_before > {{ gpu_saving_parameter('list_price_max_age_days') }} then 'old'
            when days_before + {{ gpu_saving_parameter('list_price_min_lead_days') }} < 0
                then 'later'
            else 'of_the_month'
        end as price_age
    from priced
    where place = 1 and price_per_hour is not null

),

ranked as (

    select
        *,
        count(*) over offers as instance_types,
        row_number() over (
            partition by
                usage_month, provider, region_id, purchase_option, accelerator_model, memory_gib
            order by
                case price_age when 'of_the_month' then 0 when 'undated' then 1 else 2 end,
                price_per_hour,
                instance_type
        ) as price_rank
    from judged
    window offers as (
        partition by
            usage_month, provider, region_id, purchase_option, accelerator_model, memory_gib
    )

)

select
    usage_month,
    provider,
    region_id,
    purchase_option,
    accelerator_model,
    memory_gib,
    reporting_currency,
    cast(price_per_hour as double) as price_per_hour,
    instance_type,
    instance_types,
    valid_from,
    price_age,
    source
from ranked
where price_rank = 1
