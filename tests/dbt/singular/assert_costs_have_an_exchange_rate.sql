-- Warns of each bill of which something cannot be shown in the reporting currency.
select
    source_name,
    billing_period,
    billing_currency,
    reporting_currency,
    unconverted_rows,
    unconverted_billed_cost,
    first_day_without_rate,
    last_day_without_rate
from {{ ref('currency_coverage') }}
where unconverted_rows > 0
