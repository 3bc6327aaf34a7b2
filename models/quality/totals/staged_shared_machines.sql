-- One row per source, billing period, usage account, currency and machine that pods or tasks
-- shared: what the bill says the machine cost in the hours in which they ran.
with line_items as (

    select * from {{ ref('int_aws_line_items__classified') }}
    where {{ rebuild_predicate('source_name', 'billing_period') }}

),

shared_hours as (

    select distinct
        source_name,
        billing_period,
        usage_account_id,
        split_parent_resource_id as machine_id,
        usage_start_at
    from line_items
    where charge_kind = 'split'

)

select
    line_items.source_name,
    line_items.billing_period,
    line_items.usage_account_id as sub_account_id,
    line_items.currency_code as billing_currency,
    line_items.resource_id as machine_id,
    count(*) as machine_lines,
    {{ money('sum(coalesce(line_items.used_cost, line_items.charged_cost))') }} as machine_cost
from line_items
inner join shared_hours
    on
        line_items.source_name = shared_hours.source_name
        and line_items.billing_period = shared_hours.billing_period
        and line_items.usage_account_id = shared_hours.usage_account_id
        and line_items.resource_id = shared_hours.machine_id
        and line_items.usage_start_at = shared_hours.usage_start_at
where {{ aws_is_machine_line() }}
group by
    line_items.source_name, line_items.billing_period, line_items.usage_account_id,
    line_items.currency_code, line_items.resource_id
