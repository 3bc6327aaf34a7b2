-- One row per billing period, source, currency and commitment, capacity reservation or prepaid
-- capacity that was not used in full: what that cost, whose it is, on what accelerators and since
-- when. Accelerators first, then the most expensive.
{% set capacity = ['source_name', 'billing_currency', 'capacity_kind', 'capacity_id'] %}
with both_kinds as (

    select
        'commitment' as capacity_kind,
        commitment_discount_id as capacity_id,
        source_name,
        billing_period,
        billing_currency,
        charge_date,
        provider,
        holder_account_id as owner_account_id,
        holder_team as owner_team,
        cast(null as string) as instance_type,
        accelerator_model,
        committed_cost as effective_cost,
        unused_cost,
        unused_quantity,
        commitment_unit as quantity_unit,
        accelerator_unused_cost
    from {{ ref('commitments_daily') }}
    union all
    select
        capacity_kind,
        capacity_id,
        source_name,
        billing_period,
        billing_currency,
        charge_date,
        provider,
        owner_account_id,
        owner_team,
        instance_type,
        accelerator_model,
        effective_cost,
        unused_cost,
        unused_hours as unused_quantity,
        'Hours' as quantity_unit,
        case when has_accelerators then unused_cost else 0 end as accelerator_unused_cost
    from {{ ref('reserved_capacity_days') }}

),

days as (

    select
        {{ capacity | join(',\n        ') }},
        billing_period,
        charge_date,
        max(provider) as provider,
        max(owner_account_id) as owner_account_id,
        max(owner_team) as owner_team,
        max(instance_type) as instance_type,
        max(accelerator_model) as accelerator_model,
        sum(effective_cost) as effective_cost,
        -- Of what is unknown in part, the whole is unknown.
        case when count(unused_cost) = count(*) then sum(unused_cost) end as unused_cost,
        sum(unused_quantity) as unused_quantity,
        max(quantity_unit) as quantity_unit,
        case when count(accelerator_unused_cost) = count(*) then sum(accelerator_unused_cost) end
            as accelerator_unused_cost
    from both_kinds
    group by {{ capacity | join(', ') }}, billing_period, charge_date

),

dated as (

    select
        *,
        max(case when unused_cost = 0 then charge_date end) over ({{ 'partition by '
            ~ capacity | join(', ') }}) as last_full_use_on
    from days

),

since as (

    select
        *,
        -- What has been used in full on its last day is unused since no day.
        min(case
            when unused_cost = 0 then null
            when last_full_use_on is null or charge_date > last_full_use_on then charge_date
        end) over ({{ 'partition by ' ~ capacity | join(', ') }}) as unused_since
    from dated

),

summed as (

    select
        billing_period,
        {{ capacity | join(',\n        ') }},
        max(provider) as provider,
        max(owner_account_id) as owner_account_id,
        max(owner_team) as owner_team,
        max(instance_type) as instance_type,
        max(accelerator_model) as accelerator_model,
        sum(effective_cost) as effective_cost,
        case when count(unused_cost) = count(*) then sum(unused_cost) end as unused_cost,
        sum(unused_quantity) as unused_quantity,
        max(quantity_unit) as quantity_unit,
        case when count(accelerator_unused_cost) = count(*) then sum(accelerator_unused_cost) end
            as accelerator_unused_cost,
        count(case when unused_cost <> 0 then 1 end) as days_unused,
        max(unused_since) as unused_since
    from since
    group by billing_period, {{ capacity | join(', ') }}

)

select
    billing_period,
    {{ capacity | join(',\n    ') }},
    provider,
    owner_account_id,
    owner_team,
    instance_type,
    accelerator_model,
    {{ money('effective_cost') }} as effective_cost,
    {{ money('unused_cost') }} as unused_cost,
    round({{ ratio('unused_cost', 'effective_cost') }}, 9) as unused_ratio,
    {{ quantity('unused_quantity') }} as unused_quantity,
    quantity_unit,
    {{ money('accelerator_unused_cost') }} as accelerator_unused_cost,
    days_unused,
    unused_since
from summed
where unused_cost is null or unused_cost <> 0
order by coalesce(accelerator_unused_cost, 0) desc, unused_cost desc, capacity_id, billing_period
