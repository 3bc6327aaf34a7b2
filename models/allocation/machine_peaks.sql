-- One row per month and machine: how much of its accelerators telemetry saw, and what they did at
-- most. What one accelerator does not tell, the machine does not tell.
with devices as (

    select
        cast({{ dbt.date_trunc('month', 'hour_start') }} as date) as usage_month,
        provider,
        resource_key,
        device_id,
        max(weight) as accelerators,
        max(case when mig_profile is not null then 1 else 0 end) = 1 as is_slice,
        count(distinct cast(hour_start as date)) as observed_days,
        sum(weight * coverage_ratio) as observed_hours,
        max(memory_used_max_mib) as peak_memory_mib,
        percentile_disc(0.95) within group (order by p95_utilisation_ratio) as p95_utilisation
    from {{ ref('accelerator_readings') }}
    group by
        cast({{ dbt.date_trunc('month', 'hour_start') }} as date), provider, resource_key, device_id

)

select
    usage_month,
    provider,
    resource_key,
    max(case when is_slice then 1 else 0 end) = 1 as is_sliced,
    max(observed_days) as observed_days,
    sum(observed_hours) as observed_accelerator_hours,
    -- One device that nobody could read leaves the machine unread.
    case when count(peak_memory_mib) = count(*) then max(peak_memory_mib) end
        as peak_memory_mib,
    case when count(p95_utilisation) = count(*) then max(p95_utilisation) end
        as p95_utilisation_ratio,
    sum(case
        when
            peak_memory_mib <= {{ idle_parameter('held_above') }}
            and p95_utilisation < {{ idle_parameter('idle_below') }}
            then 0
        else accelerators
    end) as accelerators_used
from devices
group by usage_month, provider, resource_key
