-- Fails with each day whose exchange rate is not the one that policy names for it: taken to be 1,
-- older than the newest, from another currency, or missing although there is one. The rate is
-- looked up here by itself: the newest first day is found by a maximum, not by the order of the
-- model.
with days as (

    select * from {{ ref('daily_exchange_rates') }}

),

policy as (

    select * from {{ ref('reporting_currency') }}

),

rates as (

    select * from {{ ref('int_exchange_rates__collected') }}

),

newest as (

    select
        days.billing_currency,
        days.charge_date,
        max(rates.valid_from) as valid_from
    from days
    inner join rates
        on days.billing_currency = rates.currency and days.charge_date >= rates.valid_from
    inner join policy on rates.reporting_currency = policy.reporting_currency
    group by days.billing_currency, days.charge_date

),

expected as (

    select
        newest.billing_currency,
        newest.charge_date,
        try_cast(rates.rate as decimal(20, 10)) as exchange_rate
    from newest
    cross join policy
    inner join rates
        on
            newest.billing_currency = rates.currency
            and newest.valid_from = rates.valid_from
            and policy.reporting_currency = rates.reporting_currency
    where
        {{ dbt.datediff('newest.valid_from', 'newest.charge_date', 'day') }}
        < policy.max_rate_age_days

)

select
    days.billing_currency,
    days.charge_date,
    days.reporting_currency,
    case
        when days.billing_currency = days.reporting_currency then 1
        else expected.exchange_rate
    end as expected,
    days.exchange_rate as actual
from days
left join expected
    on
        days.billing_currency = expected.billing_currency
        and days.charge_date = expected.charge_date
where
    days.exchange_rate is distinct from
    case
        when days.billing_currency = days.reporting_currency then 1
        else expected.exchange_rate
    end
