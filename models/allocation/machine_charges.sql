{{ config(
    materialized='incremental',
    pre_hook="{{ delete_queued('source_name', 'billing_period') }}"
) }}

-- One row per source, billing period, attribution key of a machine and hour: how long it was billed
-- and what that cost. Charges of several hours are spread over them evenly, to the last digit.
with machines as (

    select
        resources.source_name,
        resources.billing_period,
        resources.attribution_key
    from {{ ref('billed_resources') }} as resources
    inner join {{ ref('attribution_keys') }} as keys
        on
            resources.source_name = keys.source_name
            and resources.billing_period = keys.billing_period
            and resources.attribution_key = keys.attribution_key
    left join {{ ref('key_accelerators') }} as accelerators
        on
            resources.source_name = accelerators.source_name
            and resources.billing_period = accelerators.billing_period
            and resources.attribution_key = accelerators.attribution_key
    where
        {{ rebuild_predicate('resources.source_name', 'resources.billing_period') }}
        and keys.charge_category = 'Usage'
        -- A commitment that nobody used ran on no machine; rates shows it.
        and keys.resource_id is distinct from keys.commitment_discount_id
        and (keys.x_instance_type is not null or accelerators.attribution_key is not null)

),

charges as (

    select
        charges.x_source_name as source_name,
        charges.x_billing_period as billing_period,
        charges.x_attribution_key as attribution_key,
        date_trunc('hour', charges.charge_period_start) as first_hour,
        greatest(1, cast(ceil(
            {{ seconds_between('charges.charge_period_start', 'charges.charge_period_end') }} / 3600
        ) as bigint)) as hours_charged,
        sum(case when charges.consumed_unit = 'Hours' then charges.consumed_quantity end)
            as machine_hours,
        sum(case when charges.consumed_unit = 'GPU-Hours' then charges.consumed_quantity end)
            as gpu_hours,
        sum(charges.billed_cost) as billed_cost,
        sum(charges.effective_cost) as effective_cost,
        sum(charges.list_cost) as list_cost,
        sum(charges.contracted_cost) as contracted_cost
    from {{ ref('cost_and_usage') }} as charges
    inner join machines
        on
            charges.x_source_name = machines.source_name
            and charges.x_billing_period = machines.billing_period
            and charges.x_attribution_key = machines.attribution_key
    where
        {{ rebuild_predicate('charges.x_source_name', 'charges.x_billing_period') }}
        -- Refunds and credits count nothing: they are of a machine, of none of its hours.
        and charges.consumed_unit is not null
    group by
        charges.x_source_name,
        charges.x_billing_period,
        charges.x_attribution_key,
        date_trunc('hour', charges.charge_period_start),
        greatest(1, cast(ceil(
            {{ seconds_between('charges.charge_period_start', 'charges.charge_period_end') }} / 3600
        ) as bigint))

),

spread as (

    select
        charges.source_name,
        charges.billing_period,
        charges.attribution_key,
        {{ hours_later('charges.first_hour', 'copies.hour_number') }} as hour_start,
        {%- for column in [
            'machine_hours', 'gpu_hours', 'billed_cost', 'effective_cost', 'list_cost',
            'contracted_cost',
        ] %}
        {%- set cast_to = quantity if column.endswith('hours') else money %}
        case
            when charges.hours_charged = 1 then charges.{{ column }}
            when copies.hour_number > 0
                then {{ cast_to(ratio('charges.' ~ column, 'charges.hours_charged')) }}
            -- The first hour has what division leaves.
            else charges.{{ column }} - (charges.hours_charged - 1)
                * {{ cast_to(ratio('charges.' ~ column, 'charges.hours_charged')) }}
        end as {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from charges
    {{ numbered_copies('charges.hours_charged', 'copies', 'hour_number') }}

)

select
    source_name,
    billing_period,
    attribution_key,
    hour_start,
    {{ quantity('sum(machine_hours)') }} as machine_hours,
    {{ quantity('sum(gpu_hours)') }} as gpu_hours,
    {{ money('sum(billed_cost)') }} as billed_cost,
    {{ money('sum(effective_cost)') }} as effective_cost,
    {{ money('sum(list_cost)') }} as list_cost,
    {{ money('sum(contracted_cost)') }} as contracted_cost
from spread
group by source_name, billing_period, attribution_key, hour_start
