-- One row per EKS or ECS split line whose machine is not in the same bill: nothing to take a share of.
with line_items as (

    select * from {{ ref('int_aws_line_items__classified') }}

),

machine_lines as (

    select
        source_name,
        billing_period,
        usage_account_id,
        resource_id,
        usage_start_at
    from line_items
    where {{ aws_is_machine_line() }}

)

select
    line_items.source_name,
    line_items.billing_period,
    line_items.source_file,
    line_items.source_row
from line_items
where
    line_items.charge_kind = 'split'
    and not exists (
        select 1
        from machine_lines
        where
            machine_lines.source_name = line_items.source_name
            and machine_lines.billing_period = line_items.billing_period
            and machine_lines.usage_account_id = line_items.usage_account_id
            and machine_lines.resource_id = line_items.split_parent_resource_id
            and machine_lines.usage_start_at = line_items.usage_start_at
    )
