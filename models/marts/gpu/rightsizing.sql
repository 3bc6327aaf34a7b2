-- One row per month and machine with accelerators: whether a smaller machine would have done and
-- whether it could have been spot, what either saves, and what is known of it. In the reporting
-- currency; only what is paid on demand can be saved.
with machines as (

    select * from {{ ref('sized_machines') }}

),

-- What spot capacity with the same accelerator costs there: what we pay, else what a list asks.
spot as (

    select
        machines.usage_month,
        machines.provider,
        machines.resource_key,
        coalesce(
            {{ ratio('paid.reporting_effective_cost', 'paid.accelerator_hours') }},
            offers.price_per_hour
        ) as spot_price
    from machines
    left join {{ ref('accelerator_payments') }} as paid
        on
            machines.usage_month = paid.usage_month
            and machines.provider = paid.provider
            and machines.region_id = paid.region_id
            and machines.accelerator_model = paid.accelerator_model
            and machines.memory_gib = paid.memory_gib
            and paid.purchase_option = 'spot'
    left join {{ ref('accelerator_offers') }} as offers
        on
            machines.usage_month = offers.usage_month
            and machines.provider = offers.provider
            and machines.region_id = offers.region_id
            and machines.accelerator_model = offers.accelerator_model
            and machines.memory_gib = offers.memory_gib
            and offers.purchase_option = 'spot'
            and offers.price_age in ('of_the_month', 'undated')

),

priced as (

    select
        machines.*,
        smaller.instance_type as smaller_instance_type,
        smaller.accelerator_model as smaller_accelerator_model,
        smaller.accelerator_count as smaller_accelerator_count,
        cast(machines.on_demand_cost as double) * (1 - smaller.price_ratio) as smaller_saving,
        spot.spot_price,
        cast(machines.on_demand_cost as double)
        - spot.spot_price * cast(machines.on_demand_accelerator_hours as double) as spot_saving
    from machines
    left join {{ ref('smaller_machines') }} as smaller
        on
            machines.usage_month = smaller.usage_month
            and machines.provider = smaller.provider
            and machines.resource_key = smaller.resource_key
    left join spot
        on
            machines.usage_month = spot.usage_month
            and machines.provider = spot.provider
            and machines.resource_key = spot.resource_key

),

judged as (

    select
        *,
        case
            when unknown_because is not null then 'unknown'
            when smaller_instance_type is null then 'fits'
            when on_demand_cost <= 0 then 'committed'
            else 'smaller_fits'
        end as size_verdict,
        case
            when provider = 'on_prem' then 'own_machine'
            when on_demand_cost is null then 'unknown'
            when on_demand_cost <= 0 and spot_cost > 0 then 'already_spot'
            when on_demand_cost <= 0 then 'committed'
            when last_phase = 'unknown' or first_phase = 'unknown' then 'unknown'
            when not is_interruptible then 'not_interruptible'
            when
                needs_checkpoints
                and runs_with_checkpoints < {{ gpu_saving_parameter('spot_checkpoints_from') }}
                then 'no_checkpoints_seen'
            when spot_price is null then 'no_spot_price'
            when
                spot_saving
                < {{ gpu_saving_parameter('spot_saving_from') }} * cast(on_demand_cost as double)
                then 'not_cheaper'
            else 'candidate'
        end as spot_verdict
    from priced

)
select
    usage_month,
    provider,
    resource_key,
    region_id,
    instance_type,
    accelerator_model,
    memory_gib,
    {{ quantity('accelerator_count') }} as accelerator_count,
    team,
    project,
    cast(teams as bigint) as teams,
    case when first_phase = last_phase then first_phase else 'several' end as workload_phase,
    reporting_currency,
    {{ quantity('accelerator_hours') }} as accelerator_hours,
    {{ money('effective_cost') }} as effective_cost,
    {{ money('on_demand_cost') }} as on_demand_cost,
    cast(observed_days as bigint) as observed_days,
    round(coverage_ratio, 6) as coverage_ratio,
    round(peak_memory_mib / 1024, 3) as peak_memory_gib,
    round(p95_utilisation_ratio, 6) as p95_utilisation_ratio,
    cast(accelerators_used as double) as accelerators_used,
    size_verdict,
    unknown_because,
    smaller_instance_type,
    smaller_accelerator_model,
    {{ quantity('smaller_accelerator_count') }} as smaller_accelerator_count,
    round(smaller_saving, 2) as smaller_saving_in_month,
    spot_verdict,
    cast(runs_with_checkpoints as bigint) as runs_with_checkpoints,
    round(spot_price, 6) as spot_price_per_accelerator_hour,
    round(spot_saving, 2) as spot_saving_in_month,
    -- One machine cannot save twice.
    round(greatest(
        case when size_verdict = 'smaller_fits' then smaller_saving else 0 end,
        case when spot_verdict = 'candidate' then spot_saving else 0 end
    ), 2) as saving_in_month
from judged
order by saving_in_month desc, usage_month, provider, resource_key
