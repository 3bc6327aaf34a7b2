-- Fails with each raw line of a changed period that stands in FOCUS twice as the same part.
-- Only queued periods are read: the others were checked when they changed, and 10M rows take 2 s.
with queued as (

    select distinct source_name, billing_period
    from {{ source('raw_ops', 'rebuild_queue') }}

),

charges as (

    select cost_and_usage.*
    from {{ ref('cost_and_usage') }} as cost_and_usage
    inner join queued
        on
            cost_and_usage.x_source_name = queued.source_name
            and cost_and_usage.x_billing_period = queued.billing_period

)

select
    any_value(x_source_name) as x_source_name,
    any_value(x_billing_period) as x_billing_period,
    any_value(x_source_file) as x_source_file,
    any_value(x_source_row) as x_source_row,
    any_value(x_source_part) as x_source_part,
    any_value(allocated_resource_id) as allocated_resource_id,
    1 as expected,
    count(*) as actual
from charges
group by {{ row_key() }}
having count(*) > 1
