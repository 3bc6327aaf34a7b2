-- One row per source, billing period and day with metered usage: rows, and until when they reach.
with charges as (

    select * from {{ ref('cost_and_usage') }}
    where {{ rebuild_predicate('x_source_name', 'x_billing_period') }}

)

select
    x_source_name as source_name,
    x_billing_period as billing_period,
    cast(charge_period_start as date) as charge_date,
    count(*) as charge_rows,
    max(charge_period_end) as last_charge_end
from charges
-- Fees, taxes and monthly storage span up to the whole month from its first day: only lines of one
-- day or less show how far metering has come. Corrections tell about an older month.
where
    charge_category = 'Usage'
    and charge_class is null
    and x_source_part in ('charge', 'split', 'split_remainder', 'accrued_hour')
    and charge_period_end > charge_period_start
    and {{ dbt.datediff('charge_period_start', 'charge_period_end', 'hour') }} <= 24
    and charge_period_start >= billing_period_start
    and charge_period_start < billing_period_end
group by x_source_name, x_billing_period, cast(charge_period_start as date)
