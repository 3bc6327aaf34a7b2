-- One row per source, billing period and billing currency: how much of the bill can be shown in the
-- reporting currency, and what cannot for want of an exchange rate.
with days as (

    select * from {{ ref('charged_days') }}

),

rates as (

    select * from {{ ref('daily_exchange_rates') }}

),

joined as (

    select
        days.source_name,
        days.billing_period,
        days.billing_currency,
        days.charge_date,
        days.charge_rows,
        days.billed_cost,
        days.effective_cost,
        rates.reporting_currency,
        rates.exchange_rate,
        rates.exchange_rate is null as lacks_rate
    from days
    left join rates
        on
            days.billing_currency = rates.billing_currency
            and days.charge_date = rates.charge_date

),

totals as (

    select
        source_name,
        billing_period,
        billing_currency,
        max(reporting_currency) as reporting_currency,
        cast(sum(charge_rows) as bigint) as charge_rows,
        {{ money('sum(billed_cost)') }} as billed_cost,
        {{ money('sum(effective_cost)') }} as effective_cost,
        cast(sum(case when lacks_rate then charge_rows else 0 end) as bigint) as unconverted_rows,
        {{ money('sum(case when lacks_rate then billed_cost else 0 end)') }}
            as unconverted_billed_cost,
        {{ money('sum(case when lacks_rate then effective_cost else 0 end)') }}
            as unconverted_effective_cost,
        min(case when lacks_rate then charge_date end) as first_day_without_rate,
        max(case when lacks_rate then charge_date end) as last_day_without_rate,
        {{ money('sum(' ~ converted('billed_cost', 'exchange_rate') ~ ')') }}
            as reporting_billed_cost,
        {{ money('sum(' ~ converted('effective_cost', 'exchange_rate') ~ ')') }}
            as reporting_effective_cost
    from joined
    group by source_name, billing_period, billing_currency

)

select
    source_name,
    billing_period,
    billing_currency,
    reporting_currency,
    case
        when billing_currency = reporting_currency then 'same_currency'
        when unconverted_rows = 0 then 'converted'
        when unconverted_rows < charge_rows then 'partly_converted'
        else 'no_rate'
    end as status,
    charge_rows,
    billed_cost,
    effective_cost,
    unconverted_rows,
    unconverted_billed_cost,
    unconverted_effective_cost,
    first_day_without_rate,
    last_day_without_rate,
    reporting_billed_cost,
    reporting_effective_cost
from totals
