{# Exception to the folder: a narrow table, see int_aws_tags__normalised. #}
{{ config(
    materialized='incremental',
    pre_hook="{{ delete_queued('source_name', 'billing_period') }}"
) }}

{% set machine_hour = 'source_name, billing_period, usage_account_id, machine_id, usage_start_at' %}

-- One row per part of a shared machine's hour: one per pod or task, and the remainder.
-- EKS and ECS split lines state each pod's amortised cost, used and idle, per vCPU, memory and
-- accelerator. FOCUS 1.3 replaces the machine's own lines by such shares, so every line of the
-- machine in that hour is cut at the same ratios: cumulative ones, so the parts add up exactly.
with split_lines as (

    select
        *,
        split_parent_resource_id as machine_id,
        case when has_net_costs then coalesce(split_net_cost, split_cost) else split_cost end
            as given_cost,
        case
            when has_net_costs then coalesce(split_net_unused_cost, split_unused_cost)
            else split_unused_cost
        end as given_idle_cost
    from {{ ref('int_aws_line_items__classified') }}
    -- Said twice so that files without any split line are skipped by their statistics.
    where
        charge_kind = 'split'
        and split_parent_resource_id is not null
        and {{ rebuild_predicate('source_name', 'billing_period') }}

),

machine_lines as (

    select
        *,
        resource_id as machine_id
    from {{ ref('int_aws_line_items__classified') }}
    where
        {{ aws_is_machine_line() }}
        and {{ rebuild_predicate('source_name', 'billing_period') }}

),

pod_resources as (

    select
        {{ machine_hour }},
        resource_id as pod_id,
        {{ aws_split_unit('usage_type') }} as usage_unit,
        sum(coalesce(given_cost, 0) + coalesce(given_idle_cost, 0)) as pod_cost,
        sum(split_usage) as split_usage,
        min({{ map_key('coalesce(resource_tags, unified_tags)') }}) as tag_set_key
    from split_lines
    group by {{ machine_hour }}, pod_id, usage_unit

),

machine_hours as (

    select distinct {{ machine_hour }}
    from pod_resources

),

machines as (

    select
        {{ machine_hour }},
        sum(machine_lines.used_cost) as machine_cost
    from machine_hours
    inner join machine_lines using ({{ machine_hour }})
    group by {{ machine_hour }}

),

-- Shares of what the machine cost or, where the pods were given more than that, of their sum.
rated as (

    select
        pod_resources.*,
        coalesce({{ ratio(
            'pod_resources.pod_cost',
            'greatest(machines.machine_cost, sum(pod_resources.pod_cost) over machine_hour)'
        ) }}, 0) as share
    from pod_resources
    inner join machines using ({{ machine_hour }})
    window machine_hour as (partition by {{ machine_hour }})

),

pods as (

    select
        {{ machine_hour }},
        pod_id,
        min(tag_set_key) as tag_set_key,
        sum(share) as share,
        {{ ordered_list_text(
            aws_split_element('share', 'usage_unit', 'split_usage'), ',', 'usage_unit'
        ) }} as elements
    from rated
    group by {{ machine_hour }}, pod_id

),

cumulated as (

    select
        *,
        cast(
            least(sum(share) over (partition by {{ machine_hour }} order by pod_id), 1)
            as decimal(13, 12)
        ) as share_to
    from pods

)

select
    {{ machine_hour }},
    'split' as source_part,
    pod_id,
    tag_set_key,
    concat('{"Elements":[', elements, ']}') as method_details,
    lag(share_to, 1, cast(0 as decimal(13, 12))) over (
        partition by {{ machine_hour }} order by pod_id
    ) as share_from,
    share_to
from cumulated
union all
select
    {{ machine_hour }},
    'split_remainder' as source_part,
    cast(null as string) as pod_id,
    null as tag_set_key,
    cast(null as string) as method_details,
    max(share_to) as share_from,
    cast(1 as decimal(13, 12)) as share_to
from cumulated
group by {{ machine_hour }}
