-- One row per month, telemetry source, node and machine that telemetry watched and no bill has:
-- accelerator-hours seen, and why they are not in the other tables.
select
    observed.billing_period,
    observed.source_name,
    observed.cluster_name,
    observed.node_name,
    observed.provider,
    observed.resource_key,
    case
        when observed.resource_key is null then 'machine_not_named'
        when {{ is_numbered_instance('observed.resource_key') }} then 'machine_named_by_number'
        else 'not_billed_in_these_hours'
    end as reason,
    count(*) as device_hours,
    min(observed.hour_start) as first_hour,
    max(observed.hour_start) as last_hour
from {{ ref('accelerator_hours_observed') }} as observed
left join (
    select distinct provider, resource_key, hour_start from {{ ref('accelerator_charges') }}
) as charged
    on
        observed.provider = charged.provider
        and observed.resource_key = charged.resource_key
        and observed.hour_start = charged.hour_start
where charged.resource_key is null
group by
    observed.billing_period, observed.source_name, observed.cluster_name, observed.node_name,
    observed.provider, observed.resource_key,
    case
        when observed.resource_key is null then 'machine_not_named'
        when {{ is_numbered_instance('observed.resource_key') }} then 'machine_named_by_number'
        else 'not_billed_in_these_hours'
    end
