-- Fails with each raw line of a changed period that stands in FOCUS more than once as the same part.
with charges as (

    select * from {{ ref('cost_and_usage') }}
    where {{ rebuild_predicate('x_source_name', 'x_billing_period') }}

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
group by 1, 2, 3, 4, 5, 6
having count(*) > 1
