-- One row per source, billing period, usage account, currency and shared machine: what FOCUS gives
-- its pods and tasks, and what it leaves with the machine. Read once per changed period.
with charges as (

    select * from {{ ref('cost_and_usage') }}
    where
        {{ rebuild_predicate('x_source_name', 'x_billing_period') }}
        and x_source_part in ('split', 'split_remainder')
        -- A share whose machine is not in the bill costs 0 and stands alone.
        and coalesce(x_source_changes, '') not like '%split_parent_missing%'

)

select
    x_source_name as source_name,
    x_billing_period as billing_period,
    sub_account_id,
    billing_currency,
    resource_id as machine_id,
    cast(count_if(x_source_part = 'split') as bigint) as shares,
    cast(count_if(x_source_part = 'split_remainder') as bigint) as remainders,
    {{ money("sum(case when x_source_part = 'split' then effective_cost else 0 end)") }}
        as shared_cost,
    {{ money("sum(case when x_source_part = 'split_remainder' then effective_cost else 0 end)") }}
        as remainder_cost
from charges
group by x_source_name, x_billing_period, sub_account_id, billing_currency, resource_id
