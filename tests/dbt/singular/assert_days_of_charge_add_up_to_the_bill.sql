-- Fails with each bill whose days, from which exchange rates and coverage are counted, do not hold
-- what the bill holds, and with each currency and day that no exchange rate was looked up for.
with days as (

    select
        source_name,
        billing_period,
        billing_currency,
        sum(charge_rows) as charge_rows,
        sum(billed_cost) as billed_cost
    from {{ ref('charged_days') }}
    group by source_name, billing_period, billing_currency

),

bills as (

    select
        source_name,
        billing_period,
        billing_currency,
        sum(focus_rows) as charge_rows,
        sum(billed_cost) as billed_cost
    from {{ ref('focus_totals') }}
    group by source_name, billing_period, billing_currency

),

asked as (

    select distinct
        charged_days.source_name, charged_days.billing_period, charged_days.billing_currency
    from {{ ref('charged_days') }} as charged_days
    left join {{ ref('daily_exchange_rates') }} as rates
        on
            charged_days.billing_currency = rates.billing_currency
            and charged_days.charge_date = rates.charge_date
    where rates.charge_date is null

)

select
    coalesce(bills.source_name, days.source_name) as source_name,
    coalesce(bills.billing_period, days.billing_period) as billing_period,
    coalesce(bills.billing_currency, days.billing_currency) as billing_currency,
    bills.billed_cost as expected,
    days.billed_cost as actual,
    asked.source_name is not null as has_day_never_looked_up
from bills
full join days
    on
        bills.source_name = days.source_name
        and bills.billing_period = days.billing_period
        and bills.billing_currency = days.billing_currency
left join asked
    on
        days.source_name = asked.source_name
        and days.billing_period = asked.billing_period
        and days.billing_currency = asked.billing_currency
where
    bills.billed_cost is distinct from days.billed_cost
    or bills.charge_rows is distinct from days.charge_rows
    or asked.source_name is not null
