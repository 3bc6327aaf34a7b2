-- One row per day, source, billing period, currency, provider, region, machine type, accelerator,
-- purchase option and kind of charge: accelerator-hours, what an hour cost and how much of it was
-- used. With the charges that count no hours it adds up to the bill of machines with accelerators.
with counted as (

    select
        usage_date, source_name, billing_period, billing_currency, provider, region_id,
        instance_type, accelerator_model, purchase_option,
        'hours' as charge_kind,
        accelerator_hours, used_hours, idle_held_hours, idle_free_hours, unallocated_hours,
        unknown_hours, energy_kwh,
        machine_billed_cost as billed_cost,
        machine_effective_cost as effective_cost,
        machine_list_cost as list_cost,
        effective_cost as accelerator_effective_cost
    from {{ ref('accelerator_hours') }}

),

-- Upfront fees, commitments that nobody used, refunds and credits of such machines.
uncounted as (

    select
        daily.charge_date as usage_date,
        daily.source_name,
        daily.billing_period,
        keys.billing_currency,
        {{ inventory_provider(
            'keys.source_kind', 'keys.service_provider_name', 'keys.host_provider_name'
        ) }} as provider,
        keys.region_id,
        keys.x_instance_type as instance_type,
        accelerators.accelerator_model,
        keys.pricing_category,
        keys.commitment_discount_status,
        keys.capacity_reservation_status,
        case
            when keys.commitment_discount_status = 'Unused' then 'unused_commitment'
            when keys.charge_category = 'Purchase' then 'purchase'
            when keys.charge_category = 'Usage' then 'refund'
            else lower(keys.charge_category)
        end as charge_kind,
        daily.billed_cost,
        daily.effective_cost,
        daily.list_cost
    from {{ ref('daily_costs') }} as daily
    inner join {{ ref('key_accelerators') }} as accelerators
        on
            daily.source_name = accelerators.source_name
            and daily.billing_period = accelerators.billing_period
            and daily.attribution_key = accelerators.attribution_key
    inner join {{ ref('attribution_keys') }} as keys
        on
            daily.source_name = keys.source_name
            and daily.billing_period = keys.billing_period
            and daily.attribution_key = keys.attribution_key
    left join (
        select distinct source_name, billing_period, attribution_key
        from {{ ref('machine_charges') }}
    ) as machines
        on
            daily.source_name = machines.source_name
            and daily.billing_period = machines.billing_period
            and daily.attribution_key = machines.attribution_key
    where daily.consumed_unit is null or machines.attribution_key is null

),

charges as (

    select * from counted
    union all
    select
        usage_date, source_name, billing_period, billing_currency, provider, region_id,
        instance_type, accelerator_model,
        {{ purchase_option(
            'provider', 'pricing_category', 'commitment_discount_status',
            'capacity_reservation_status'
        ) }} as purchase_option,
        charge_kind,
        {%- for column in [
            'accelerator_hours', 'used_hours', 'idle_held_hours', 'idle_free_hours',
            'unallocated_hours', 'unknown_hours',
        ] %}
        {{ quantity('null') }} as {{ column }},
        {%- endfor %}
        cast(null as double) as energy_kwh,
        billed_cost,
        effective_cost,
        list_cost,
        {{ money('null') }} as accelerator_effective_cost
    from uncounted

),

added as (

    select
        usage_date, source_name, billing_period, billing_currency, provider, region_id,
        instance_type, accelerator_model, purchase_option, charge_kind,
        {%- for column in [
            'accelerator_hours', 'used_hours', 'idle_held_hours', 'idle_free_hours',
            'unallocated_hours', 'unknown_hours',
        ] %}
        {{ quantity('sum(' ~ column ~ ')') }} as {{ column }},
        {%- endfor %}
        {%- for column in ['billed_cost', 'effective_cost', 'list_cost'] %}
        {{ money('sum(' ~ column ~ ')') }} as {{ column }},
        {%- endfor %}
        {{ money('sum(accelerator_effective_cost)') }} as accelerator_effective_cost,
        round(sum(energy_kwh), 6) as energy_kwh
    from charges
    group by
        usage_date, source_name, billing_period, billing_currency, provider, region_id,
        instance_type, accelerator_model, purchase_option, charge_kind

)

select
    *,
    round({{ ratio('effective_cost', 'accelerator_hours') }}, 8) as cost_per_accelerator_hour,
    round({{ ratio('list_cost', 'accelerator_hours') }}, 8) as list_cost_per_accelerator_hour,
    -- Of the hours that somebody can tell of.
    round({{ ratio('used_hours', 'accelerator_hours - unknown_hours') }}, 6) as used_share,
    round({{ ratio('accelerator_hours - unknown_hours', 'accelerator_hours') }}, 6)
        as known_share,
    round({{ ratio("sum(case when purchase_option = 'committed' then accelerator_hours end)"
        ~ " over fleet", 'sum(accelerator_hours) over fleet') }}, 6) as committed_share_of_model
from added
window fleet as (
    partition by usage_date, source_name, billing_currency, provider, region_id, accelerator_model
)
