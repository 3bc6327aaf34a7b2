-- One row per billing currency and day of charge: the exchange rate into the reporting currency,
-- and where it comes from. NULL where policy names no rate for that day: it is never taken to be 1.
with days as (

    select distinct billing_currency, charge_date from {{ ref('charged_days') }}

),

policy as (

    select * from {{ ref('reporting_currency') }}

),

-- A rate that is not a number above 0 is no rate; assert_exchange_rates_are_usable names it.
rates as (

    select
        currency,
        reporting_currency,
        valid_from,
        source,
        try_cast(rate as decimal(20, 10)) as exchange_rate
    from {{ ref('int_exchange_rates__collected') }}
    where try_cast(rate as decimal(20, 10)) > 0

),

newest_rates as (

    select
        days.billing_currency,
        days.charge_date,
        policy.reporting_currency,
        rates.exchange_rate,
        rates.valid_from,
        rates.source
    from days
    cross join policy
    left join rates
        on
            days.billing_currency = rates.currency
            and policy.reporting_currency = rates.reporting_currency
            and days.charge_date >= rates.valid_from
            and {{ dbt.datediff('rates.valid_from', 'days.charge_date', 'day') }}
            < policy.max_rate_age_days
    qualify
        row_number() over (
            partition by days.billing_currency, days.charge_date
            order by rates.valid_from desc nulls last
        ) = 1

)

select
    billing_currency,
    charge_date,
    reporting_currency,
    case
        when billing_currency = reporting_currency then cast(1 as decimal(20, 10))
        else exchange_rate
    end as exchange_rate,
    case when billing_currency <> reporting_currency then valid_from end as valid_from,
    case when billing_currency = reporting_currency then 'same currency' else source end
        as rate_source
from newest_rates
