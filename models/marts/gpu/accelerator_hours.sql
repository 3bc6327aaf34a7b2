-- One row per source, billing period, attribution key, hour and accelerator, MIG slice or rest of
-- the machine: what was billed, whose it was, and how much of it was used, idle, held by nobody or
-- not seen. Adds up to the accelerator-hours of the bill.
{%- set useless = 'cast(coalesce(runs.useless_ratio, 0) as decimal(13, 12))' %}
with runs as (

    select
        source_name,
        billing_period,
        attribution_key,
        hour_start,
        count(distinct concat_ws('|', run_source_name, run_id)) as runs,
        max(run_source_name) as run_source_name,
        max(run_id) as run_id,
        sum(case when waste_class is not null then share_ratio else 0 end) as useless_ratio
    from {{ ref('run_machine_hours') }}
    where share_kind = 'run'
    group by source_name, billing_period, attribution_key, hour_start

)

select
    parts.hour_start,
    cast(parts.hour_start as date) as usage_date,
    parts.source_name,
    parts.billing_period,
    parts.attribution_key,
    parts.billing_currency,
    parts.provider,
    keys.billing_account_id,
    keys.sub_account_id,
    keys.region_id,
    keys.resource_id,
    keys.x_instance_type as instance_type,
    parts.accelerator_model,
    nullif(parts.device_id, '') as device_id,
    readings.gpu_uuid,
    readings.mig_profile,
    {{ purchase_option(
        'parts.provider', 'keys.pricing_category', 'keys.commitment_discount_status',
        'keys.capacity_reservation_status'
    ) }} as purchase_option,
    attributions.business_unit,
    attributions.team,
    attributions.project,
    attributions.owner_class,
    attributions.workload_phase,
    readings.pod_name,
    case when runs.runs = 1 then runs.run_source_name end as run_source_name,
    case when runs.runs = 1 then runs.run_id end as run_id,
    coalesce(runs.runs, 0) as runs,
    parts.held_told_by,
    readings.state_told_by,
    parts.state,
    parts.accelerator_hours,
    {%- for state in accelerator_states() %}
    parts.{{ state }}_hours,
    {%- endfor %}
    -- Memory that nobody read may have been held.
    {{ quantity(
        'case when readings.idle_unread_minutes > 0 then parts.idle_free_hours else 0 end'
    ) }} as idle_unread_hours,
    -- Work for runs of no use, by the part of the machine-hour that they held.
    {{ quantity('cast(parts.used_hours as decimal(25, 12)) * ' ~ useless) }} as useless_hours,
    parts.machine_billed_cost,
    parts.machine_effective_cost,
    parts.machine_list_cost,
    parts.node_cost_policy,
    parts.node_effective_cost,
    parts.effective_cost,
    {%- for state in accelerator_states() %}
    parts.{{ state }}_cost,
    {%- endfor %}
    {{ share_of('parts.used_cost', useless) }} as useless_cost,
    coalesce(readings.coverage_ratio, 0) as coverage_ratio,
    readings.mean_utilisation_ratio,
    readings.p95_utilisation_ratio,
    readings.max_utilisation_ratio,
    readings.memory_used_max_mib,
    readings.memory_total_mib,
    -- A machine of several owners has one reading: each has it by hours.
    round(readings.energy_kwh * {{ ratio(
        'parts.accelerator_hours',
        'sum(parts.accelerator_hours) over (partition by parts.provider, parts.resource_key,'
        ~ ' parts.hour_start, parts.device_id)'
    ) }}, 6) as energy_kwh
from {{ ref('accelerator_hour_parts') }} as parts
inner join {{ ref('attribution_keys') }} as keys
    on
        parts.source_name = keys.source_name
        and parts.billing_period = keys.billing_period
        and parts.attribution_key = keys.attribution_key
inner join {{ ref('key_attributions') }} as attributions
    on
        parts.source_name = attributions.source_name
        and parts.billing_period = attributions.billing_period
        and parts.attribution_key = attributions.attribution_key
        and cast(cast(parts.hour_start as date) as timestamp) >= attributions.valid_from
        and cast(cast(parts.hour_start as date) as timestamp) < attributions.valid_to
left join runs
    on
        parts.source_name = runs.source_name
        and parts.billing_period = runs.billing_period
        and parts.attribution_key = runs.attribution_key
        and parts.hour_start = runs.hour_start
left join {{ ref('accelerator_readings') }} as readings
    on
        parts.provider = readings.provider
        and parts.resource_key = readings.resource_key
        and parts.hour_start = readings.hour_start
        and parts.device_id = readings.device_id
