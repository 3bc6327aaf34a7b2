{# Exception to the folder: two small tables in one shape. #}
{{ config(materialized='view') }}

-- One row per source, billing period, attribution key, capacity reservation or prepaid capacity and
-- day: what of it was used and what stood empty, at what cost and whose.
with reserved as (

    select
        'capacity_reservation' as capacity_kind,
        coalesce(days.capacity_reservation_id, 'unknown') as capacity_id,
        days.source_name,
        days.billing_period,
        days.attribution_key,
        days.charged_on,
        days.charge_date,
        keys.capacity_reservation_status = 'Unused' as is_empty,
        days.effective_cost,
        case when keys.capacity_reservation_status = 'Unused' then days.effective_cost else 0 end
            as unused_cost,
        case when keys.capacity_reservation_status = 'Unused' then days.consumed_hours end
            as unused_hours
    from {{ ref('commitment_days') }} as days
    inner join {{ ref('rate_keys') }} as keys
        on
            days.source_name = keys.source_name
            and days.billing_period = keys.billing_period
            and days.attribution_key = keys.attribution_key
    where
        keys.capacity_reservation_status is not null
        and keys.price_class <> 'unused_commitment'

),

both_kinds as (

    select
        capacity_kind,
        capacity_id,
        source_name,
        billing_period,
        attribution_key,
        charged_on,
        charge_date,
        is_empty,
        effective_cost,
        unused_cost,
        unused_hours
    from reserved
    union all
    select
        'prepaid' as capacity_kind,
        capacity_id,
        source_name,
        billing_period,
        attribution_key,
        charge_date as charged_on,
        charge_date,
        true as is_empty,
        effective_cost,
        unused_cost,
        unused_hours
    from {{ ref('prepaid_capacity') }}

)

select
    both_kinds.*,
    keys.billing_currency,
    keys.provider,
    case when both_kinds.is_empty then keys.sub_account_id end as owner_account_id,
    case when both_kinds.is_empty then attributions.team end as owner_team,
    keys.instance_type,
    keys.accelerator_model,
    keys.accelerator_source is not null as has_accelerators
from both_kinds
inner join {{ ref('rate_keys') }} as keys
    on
        both_kinds.source_name = keys.source_name
        and both_kinds.billing_period = keys.billing_period
        and both_kinds.attribution_key = keys.attribution_key
left join {{ ref('key_attributions') }} as attributions
    on
        both_kinds.source_name = attributions.source_name
        and both_kinds.billing_period = attributions.billing_period
        and both_kinds.attribution_key = attributions.attribution_key
        and cast(both_kinds.charged_on as timestamp) >= attributions.valid_from
        and cast(both_kinds.charged_on as timestamp) < attributions.valid_to
