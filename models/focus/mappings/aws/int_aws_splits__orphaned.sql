{# Exception to the folder: a narrow table, see int_aws_tags__normalised. #}
{{ config(
    materialized='incremental',
    pre_hook="{{ delete_queued('source_name', 'billing_period') }}"
) }}

-- One row per EKS or ECS split line whose machine is not in the same bill: it has no share.
with split_lines as (

    select * from {{ ref('int_aws_line_items__classified') }}
    where
        charge_kind = 'split'
        and split_parent_resource_id is not null
        and {{ rebuild_predicate('source_name', 'billing_period') }}

),

shared_machines as (

    select * from {{ ref('int_aws_splits__shared') }} where source_part = 'split_remainder'

)

select
    split_lines.source_name,
    split_lines.billing_period,
    split_lines.source_file,
    split_lines.source_row
from split_lines
left join shared_machines
    on
        split_lines.source_name = shared_machines.source_name
        and split_lines.billing_period = shared_machines.billing_period
        and split_lines.usage_account_id = shared_machines.usage_account_id
        and split_lines.split_parent_resource_id = shared_machines.machine_id
        and split_lines.usage_start_at = shared_machines.usage_start_at
where shared_machines.machine_id is null
