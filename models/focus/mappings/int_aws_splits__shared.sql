{# Exception to the folder: a narrow table, see int_aws_tags__normalised. #}
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ delete_queued('source_name', 'billing_period') }}"
) }}

-- One row per part of a shared machine's hour: one per pod or task, and the remainder.
-- EKS and ECS split lines state each pod's amortised cost, used and idle, per vCPU, memory and
-- accelerator. FOCUS 1.3 replaces the machine's own lines by such shares, so every line of the machine
-- in that hour is cut at the same ratios: cumulative ones, which makes the parts add up exactly.
with split_lines as (

    select * from {{ ref('int_aws_line_items__classified') }}
    -- Said twice so that files without any split line are skipped by their statistics.
    where
        charge_kind = 'split'
        and split_parent_resource_id is not null
        and {{ rebuild_predicate('source_name', 'billing_period') }}

),

machine_lines as (

    select * from {{ ref('int_aws_line_items__classified') }}
    where
        {{ aws_is_machine_line() }}
        and {{ rebuild_predicate('source_name', 'billing_period') }}

),

pod_resources as (

    select
        source_name,
        billing_period,
        usage_account_id,
        split_parent_resource_id as machine_id,
        usage_start_at,
        resource_id as pod_id,
        {{ aws_split_unit('usage_type') }} as usage_unit,
        sum(
            case
                when has_net_costs
                    then
                        coalesce(split_net_cost, split_cost, 0)
                        + coalesce(split_net_unused_cost, split_unused_cost, 0)
                else coalesce(split_cost, 0) + coalesce(split_unused_cost, 0)
            end
        ) as pod_cost,
        sum(split_usage) as split_usage,
        min({{ map_key('coalesce(resource_tags, unified_tags)') }}) as tag_set_key
    from split_lines
    group by 1, 2, 3, 4, 5, 6, 7

),

machine_hours as (

    select distinct source_name, billing_period, usage_account_id, machine_id, usage_start_at
    from pod_resources

),

machines as (

    select
        machine_hours.source_name,
        machine_hours.billing_period,
        machine_hours.usage_account_id,
        machine_hours.machine_id,
        machine_hours.usage_start_at,
        sum(machine_lines.used_cost) as machine_cost
    from machine_hours
    inner join machine_lines
        on
            machine_hours.source_name = machine_lines.source_name
            and machine_hours.billing_period = machine_lines.billing_period
            and machine_hours.usage_account_id = machine_lines.usage_account_id
            and machine_hours.machine_id = machine_lines.resource_id
            and machine_hours.usage_start_at = machine_lines.usage_start_at
    group by 1, 2, 3, 4, 5

),

placed as (

    select
        pod_resources.*,
        machines.machine_cost
    from pod_resources
    inner join machines
        on
            pod_resources.source_name = machines.source_name
            and pod_resources.billing_period = machines.billing_period
            and pod_resources.usage_account_id = machines.usage_account_id
            and pod_resources.machine_id = machines.machine_id
            and pod_resources.usage_start_at = machines.usage_start_at

),

-- Shares of what the machine cost or, where the pods were given more than that, of their sum.
rated as (

    select
        *,
        coalesce({{ ratio('pod_cost', 'greatest(machine_cost, sum(pod_cost) over machine_hour)') }}, 0)
            as share
    from placed
    window machine_hour as (
        partition by source_name, billing_period, usage_account_id, machine_id, usage_start_at
    )

),

pods as (

    select
        source_name,
        billing_period,
        usage_account_id,
        machine_id,
        usage_start_at,
        pod_id,
        min(tag_set_key) as tag_set_key,
        sum(share) as share,
        {{ ordered_list_text(
            aws_split_element('share', 'usage_unit', 'split_usage'), ',', 'usage_unit'
        ) }} as elements
    from rated
    group by 1, 2, 3, 4, 5, 6

),

cumulated as (

    select
        *,
        cast(least(sum(share) over (
            partition by source_name, billing_period, usage_account_id, machine_id, usage_start_at
            order by pod_id
        ), 1) as decimal(13, 12)) as share_to
    from pods

)

select
    source_name,
    billing_period,
    usage_account_id,
    machine_id,
    usage_start_at,
    'split' as source_part,
    pod_id,
    tag_set_key,
    concat('{"Elements":[', elements, ']}') as method_details,
    lag(share_to, 1, cast(0 as decimal(13, 12))) over (
        partition by source_name, billing_period, usage_account_id, machine_id, usage_start_at
        order by pod_id
    ) as share_from,
    share_to
from cumulated
union all
select
    source_name,
    billing_period,
    usage_account_id,
    machine_id,
    usage_start_at,
    'split_remainder' as source_part,
    cast(null as string) as pod_id,
    null as tag_set_key,
    cast(null as string) as method_details,
    max(share_to) as share_from,
    cast(1 as decimal(13, 12)) as share_to
from cumulated
group by 1, 2, 3, 4, 5
