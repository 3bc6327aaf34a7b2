{# Exception to the folder: charges are written once; their conversion costs nothing until read. #}
{{ config(materialized='view') }}

-- One row per charge of any provider, exactly as in cost_and_usage, with its costs in the reporting
-- currency too. They are NULL, never 0, where no exchange rate is known for the day of the charge.
with charges as (

    select * from {{ ref('cost_and_usage') }}

),

rates as (

    select * from {{ ref('daily_exchange_rates') }}

)

select
    charges.*,
    rates.reporting_currency as x_reporting_currency,
    rates.exchange_rate as x_exchange_rate,
    {{ converted('charges.billed_cost', 'rates.exchange_rate') }} as x_reporting_billed_cost,
    {{ converted('charges.effective_cost', 'rates.exchange_rate') }} as x_reporting_effective_cost,
    {{ converted('charges.list_cost', 'rates.exchange_rate') }} as x_reporting_list_cost,
    {{ converted('charges.contracted_cost', 'rates.exchange_rate') }}
        as x_reporting_contracted_cost
from charges
left join rates
    on
        charges.billing_currency = rates.billing_currency
        and cast(charges.charge_period_start as date) = rates.charge_date
