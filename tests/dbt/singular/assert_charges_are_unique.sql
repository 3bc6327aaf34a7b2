-- Fails with each raw line of a changed period that stands in FOCUS twice as the same part.
-- Only queued periods are read: the others were checked when they changed, and 10M rows take 2 s.
with queued as (

    select distinct source_name, billing_period
    from {{ source('raw_ops', 'rebuild_queue') }}

),

charges as (

    select
        cost_and_usage.x_source_name,
        cost_and_usage.x_billing_period,
        cost_and_usage.x_source_file,
        cost_and_usage.x_source_row,
        cost_and_usage.x_source_part,
        cost_and_usage.allocated_resource_id
    from {{ ref('cost_and_usage') }} as cost_and_usage
    inner join queued
        on
            cost_and_usage.x_source_name = queued.source_name
            and cost_and_usage.x_billing_period = queued.billing_period

)

select
    x_source_name,
    x_billing_period,
    x_source_file,
    x_source_row,
    x_source_part,
    allocated_resource_id,
    1 as expected,
    count(*) as actual
from charges
group by
    x_source_name, x_billing_period, x_source_file, x_source_row, x_source_part,
    allocated_resource_id
having count(*) > 1
