-- One row per run and currency of the bills of its machines: what it held, how that was bought and
-- what it cost, and what of it was of no use.
with bought as (

    select
        keys.source_name,
        keys.billing_period,
        keys.attribution_key,
        keys.x_instance_type as instance_type,
        accelerators.accelerator_model,
        accelerators.accelerator_count,
        {{ purchase_option(
            'resources.provider', 'keys.pricing_category', 'keys.commitment_discount_status',
            'keys.capacity_reservation_status'
        ) }} as purchase_option
    from {{ ref('attribution_keys') }} as keys
    inner join {{ ref('billed_resources') }} as resources
        on
            keys.source_name = resources.source_name
            and keys.billing_period = resources.billing_period
            and keys.attribution_key = resources.attribution_key
    left join {{ ref('key_accelerators') }} as accelerators
        on
            keys.source_name = accelerators.source_name
            and keys.billing_period = accelerators.billing_period
            and keys.attribution_key = accelerators.attribution_key

),

held as (

    select
        hours.*,
        -- Google Cloud counts hours of cores too; its machines count by their accelerators.
        case
            when hours.provider = 'gcp' then {{ quantity(ratio(
                'hours.accelerator_hours', 'bought.accelerator_count'
            )) }}
            else hours.machine_hours
        end as hours_held,
        bought.instance_type,
        bought.accelerator_model,
        bought.accelerator_count,
        bought.purchase_option
    from {{ ref('run_machine_hours') }} as hours
    inner join bought
        on
            hours.source_name = bought.source_name
            and hours.billing_period = bought.billing_period
            and hours.attribution_key = bought.attribution_key
    where hours.run_id is not null

),

spent as (

    select
        run_source_name as source_name,
        run_id,
        billing_currency,
        count(distinct resource_key) as machines,
        max(instance_type) as instance_type,
        max(accelerator_model) as accelerator_model,
        max(accelerator_count) as accelerators_per_machine,
        case
            when count(distinct purchase_option) = 1 then min(purchase_option)
            else 'mixed'
        end as purchase_option,
        {%- for option in ['on_demand', 'spot', 'committed', 'reserved', 'on_prem'] %}
        {{ quantity(
            "sum(case when purchase_option = '" ~ option ~ "' then hours_held end)"
        ) }} as {{ option }}_hours,
        {%- endfor %}
        {%- for column, held in [
            ('machine_hours', 'hours_held'), ('accelerator_hours', 'accelerator_hours')
        ] %}
        {{ quantity('sum(' ~ held ~ ')') }} as {{ column }},
        {{ quantity(
            'sum(case when ' ~ held ~ ' is null or waste_class is not null then ' ~ held
            ~ ' else 0 end)'
        ) }} as wasted_{{ column }},
        {%- endfor %}
        {%- for column in ['billed_cost', 'effective_cost', 'list_cost'] %}
        {{ money('sum(' ~ column ~ ')') }} as {{ column }},
        {{ money('sum(case when waste_class is not null then ' ~ column ~ ' else 0 end)') }}
            as wasted_{{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from held
    group by run_source_name, run_id, billing_currency

),

attached as (

    select
        costs.run_source_name as source_name,
        costs.run_id,
        costs.billing_currency,
        {{ money(
            'sum(case when stored.attribution_key is not null then costs.effective_cost end)'
        ) }} as storage_effective_cost,
        {{ money(
            'sum(case when stored.attribution_key is null and paths.attribution_key is not null '
            ~ 'then costs.effective_cost end)'
        ) }} as transfer_effective_cost,
        {{ money('sum(costs.effective_cost)') }} as attached_effective_cost
    from {{ ref('run_attached_costs') }} as costs
    left join (
        select distinct source_name, billing_period, attribution_key from {{ ref('stored_data') }}
    ) as stored
        on
            costs.source_name = stored.source_name
            and costs.billing_period = stored.billing_period
            and costs.attribution_key = stored.attribution_key
    left join (
        select distinct source_name, billing_period, attribution_key
        from {{ ref('transfer_paths') }}
    ) as paths
        on
            costs.source_name = paths.source_name
            and costs.billing_period = paths.billing_period
            and costs.attribution_key = paths.attribution_key
    where costs.run_id is not null
    group by costs.run_source_name, costs.run_id, costs.billing_currency

)

select
    spent.*,
    coalesce(attached.storage_effective_cost, 0) as storage_effective_cost,
    coalesce(attached.transfer_effective_cost, 0) as transfer_effective_cost,
    coalesce(attached.attached_effective_cost, 0) as attached_effective_cost
from spent
left join attached
    on
        spent.source_name = attached.source_name
        and spent.run_id = attached.run_id
        and spent.billing_currency = attached.billing_currency
