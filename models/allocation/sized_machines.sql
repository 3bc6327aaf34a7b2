-- One row per month and machine with accelerators: what it is and cost, what telemetry saw of it at
-- most, and why its size cannot be judged where it cannot.
with specs as (

    select *, count(*) over (partition by accelerator_model) as sizes
    from {{ ref('accelerator_specs') }}

)

select
    months.*,
    coalesce(specs.accelerator_model, months.base_name) as accelerator_model,
    coalesce(specs.memory_gib, months.whole_memory_gib) as memory_gib,
    specs.vendor,
    specs.has_bf16,
    specs.dense_16bit_tflops,
    peaks.observed_days,
    peaks.peak_memory_mib,
    peaks.p95_utilisation_ratio,
    peaks.accelerators_used,
    cast({{ ratio('peaks.observed_accelerator_hours', 'months.accelerator_hours') }} as double)
        as coverage_ratio,
    months.effective_cost - months.committed_cost - months.spot_cost as on_demand_cost,
    {{ ratio('months.list_cost * months.accelerator_count', 'months.accelerator_hours') }}
        as list_price,
    case
        when months.provider = 'on_prem' then 'own machine'
        when months.accelerator_hours is null or months.accelerator_hours = 0
            then 'accelerator-hours not known'
        when peaks.resource_key is null then 'no telemetry'
        when peaks.is_sliced then 'accelerators in slices'
        when peaks.observed_days < {{ gpu_saving_parameter('observed_days_from') }}
            then 'seen on too few days'
        when
            peaks.observed_accelerator_hours
            < {{ gpu_saving_parameter('coverage_from') }}
            * cast(months.accelerator_hours as double)
            then 'seen for too few hours'
        when peaks.peak_memory_mib is null or peaks.p95_utilisation_ratio is null
            then 'memory or utilisation not read'
        when months.effective_cost is null then 'no exchange rate'
    end as unknown_because
from {{ ref('machine_months') }} as months
left join {{ ref('machine_peaks') }} as peaks
    on
        months.usage_month = peaks.usage_month
        and months.provider = peaks.provider
        and months.resource_key = peaks.resource_key
left join specs on {{ is_spec_of('specs', 'months.base_name', 'months.whole_memory_gib') }}
