{# Exception to the folder: shares are written once, in allocated_costs; FOCUS names them so. #}
{{ config(materialized='view') }}

-- One row per source, billing period, attribution key, interval, team and project: a share of a
-- cost that policy shares, or what of it could not be shared and why.
select
    source_name,
    billing_period,
    attribution_key,
    valid_from,
    policy,
    team,
    project,
    business_unit,
    cost_centre,
    residual_class,
    method,
    driver,
    weight,
    ratio,
    billing_currency,
    billing_account_id,
    sub_account_id,
    service_category,
    service_name,
    charge_category,
    case when part = 'shared' then method_id end as allocated_method_id,
    case
        when part <> 'shared' then null
        when method in ('proportional', 'driver')
            then concat(
                '{"Elements":[{"AllocatedRatio":', cast(ratio as string), ',"UsageUnit":"',
                case driver
                    when 'direct_cost' then billing_currency
                    when 'committed_cost' then billing_currency
                    when 'gpu_hours' then 'GPU-Hours'
                    when 'tokens' then 'Tokens'
                    else driver
                end,
                '","UsageQuantity":', cast(weight as string), '}]}'
            )
        else concat('{"Elements":[{"AllocatedRatio":', cast(ratio as string), '}]}')
    end as allocated_method_details,
    case when part = 'shared' then team || coalesce('/' || project, '') end
        as allocated_resource_id,
    case when part = 'shared' then coalesce(project, team) end as allocated_resource_name,
    case when part = 'shared' then {{ owner_tags('team', 'project') }} end as allocated_tags,
    billed_cost,
    effective_cost,
    list_cost,
    contracted_cost
from {{ ref('allocated_costs') }}
where part <> 'direct'
