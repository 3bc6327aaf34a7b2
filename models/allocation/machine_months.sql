-- One row per month and machine with accelerators: what it is, what it cost at which kind of price,
-- whose it was, and whether its work can be interrupted.
with rates as (

    -- A day without a charge of its own has the rate of the last one that has.
    select
        *,
        lead(charge_date, 1, cast('9999-12-31' as date)) over (
            partition by billing_currency order by charge_date
        ) as next_charge_date
    from {{ ref('daily_exchange_rates') }}

),

hours as (

    select
        cast({{ dbt.date_trunc('month', 'machines.hour_start') }} as date) as usage_month,
        machines.provider,
        machines.resource_key,
        machines.hour_start,
        machines.accelerator_hours,
        keys.region_id,
        keys.instance_type,
        {{ accelerator_base_name('keys.accelerator_model') }} as base_name,
        {{ accelerator_whole_memory(
            'keys.accelerator_model', 'keys.accelerator_memory_gib', 'keys.accelerator_count'
        ) }} as whole_memory_gib,
        keys.accelerator_count,
        keys.price_class in ('committed', 'prepaid') as is_committed,
        keys.price_class = 'spot' as is_spot,
        attributions.team,
        attributions.project,
        attributions.workload_phase,
        phases.workload_phase is not null as is_interruptible,
        coalesce(phases.needs_checkpoints, false) as needs_checkpoints,
        rates.reporting_currency,
        rates.exchange_rate,
        {{ converted('machines.effective_cost', 'rates.exchange_rate') }}
            as reporting_effective_cost,
        {{ converted('machines.list_cost', 'rates.exchange_rate') }} as reporting_list_cost
    from {{ ref('machine_hours') }} as machines
    inner join {{ ref('rate_keys') }} as keys
        on
            machines.source_name = keys.source_name
            and machines.billing_period = keys.billing_period
            and machines.attribution_key = keys.attribution_key
            and keys.accelerator_source is not null
            and keys.price_class <> 'reserved_unused'
    inner join {{ ref('key_attributions') }} as attributions
        on
            machines.source_name = attributions.source_name
            and machines.billing_period = attributions.billing_period
            and machines.attribution_key = attributions.attribution_key
            and machines.hour_start >= attributions.valid_from
            and machines.hour_start < attributions.valid_to
    left join {{ ref('interruptible_phases') }} as phases
        on attributions.workload_phase = phases.workload_phase
    left join rates
        on
            machines.billing_currency = rates.billing_currency
            and cast(machines.hour_start as date) >= rates.charge_date
            and cast(machines.hour_start as date) < rates.next_charge_date

),

billed as (

    select
        usage_month,
        provider,
        resource_key,
        max(reporting_currency) as reporting_currency,
        max(region_id) as region_id,
        max(instance_type) as instance_type,
        max(base_name) as base_name,
        max(whole_memory_gib) as whole_memory_gib,
        max(accelerator_count) as accelerator_count,
        -- A machine that teams share is of none of them.
        case when min(coalesce(team, '')) = max(coalesce(team, '')) then max(team) end as team,
        case when min(coalesce(project, '')) = max(coalesce(project, '')) then max(project) end
            as project,
        count(distinct team) as teams,
        min(workload_phase) as first_phase,
        max(workload_phase) as last_phase,
        min(case when is_interruptible then 1 else 0 end) = 1 as is_interruptible,
        max(case when needs_checkpoints then 1 else 0 end) = 1 as needs_checkpoints,
        sum(accelerator_hours) as accelerator_hours,
        sum(case when is_committed or is_spot then 0 else accelerator_hours end)
            as on_demand_accelerator_hours,
        -- Of what has no exchange rate in part, the whole has none.
        case when count(exchange_rate) = count(*) then sum(reporting_effective_cost) end
            as effective_cost,
        case when count(exchange_rate) = count(*) then sum(reporting_list_cost) end
            as list_cost,
        case when count(exchange_rate) = count(*)
            then sum(case when is_committed then reporting_effective_cost else 0 end) end
            as committed_cost,
        case when count(exchange_rate) = count(*)
            then sum(case when is_spot then reporting_effective_cost else 0 end) end as spot_cost
    from hours
    group by usage_month, provider, resource_key

),

checkpointed as (

    select
        cast({{ dbt.date_trunc('month', 'shares.hour_start') }} as date) as usage_month,
        shares.provider,
        shares.resource_key,
        count(distinct concat_ws('|', runs.source_name, runs.run_id)) as runs_with_checkpoints
    from {{ ref('run_machine_hours') }} as shares
    inner join {{ ref('runs') }} as runs
        on shares.run_source_name = runs.source_name and shares.run_id = runs.run_id
    where runs.last_step is not null and runs.artifact_uri is not null
    group by
        cast({{ dbt.date_trunc('month', 'shares.hour_start') }} as date),
        shares.provider,
        shares.resource_key

)

select
    billed.*,
    coalesce(checkpointed.runs_with_checkpoints, 0) as runs_with_checkpoints
from billed
left join checkpointed
    on
        billed.usage_month = checkpointed.usage_month
        and billed.provider = checkpointed.provider
        and billed.resource_key = checkpointed.resource_key
