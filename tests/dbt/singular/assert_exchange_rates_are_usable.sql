-- Fails with each exchange rate that cannot be used as it stands: not a decimal above 0, more than
-- ten decimals, a currency that is not three capital letters, other than 1 for a currency into
-- itself, or two rates from the same day on.
with rates as (

    select
        *,
        try_cast(rate as decimal(38, 18)) as exact_rate,
        try_cast(rate as decimal(20, 10)) as kept_rate,
        count(*) over (partition by currency, reporting_currency, valid_from) as same_day_rates
    from {{ ref('int_exchange_rates__collected') }}

)

select
    currency,
    reporting_currency,
    valid_from,
    rate as actual,
    case
        when kept_rate is null then 'a decimal number, with a point'
        when kept_rate <= 0 then 'a rate above 0'
        when kept_rate <> exact_rate then 'at most ten decimals'
        when currency = reporting_currency then '1, as for any currency into itself'
        when same_day_rates > 1 then 'one rate from that day on'
        when valid_from is null then 'a first day'
        else 'currencies as three capital letters'
    end as expected
from rates
where
    kept_rate is null
    or kept_rate <= 0
    or kept_rate <> exact_rate
    or (currency = reporting_currency and kept_rate <> 1)
    or same_day_rates > 1
    or valid_from is null
    or not coalesce({{ text_matches('currency', '^[A-Z][A-Z][A-Z]$') }}, false)
    or not coalesce({{ text_matches('reporting_currency', '^[A-Z][A-Z][A-Z]$') }}, false)
