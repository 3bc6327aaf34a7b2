-- One row per source, billing period, attribution key and capacity of machine time that was paid in
-- advance: how many of its hours were used. Hours of such machines are billed at no cost; they are
-- of the capacity that they name, else of the only one of their account, type and region.
with fees as (

    select
        charges.*,
        keys.provider,
        keys.sub_account_id,
        keys.region_id,
        keys.instance_type,
        keys.accelerator_model,
        keys.accelerator_source,
        coalesce(charges.capacity_reservation_id, identities.resource_id, 'unknown')
            as capacity_id
    from {{ ref('commitment_charges') }} as charges
    inner join {{ ref('rate_keys') }} as keys
        on
            charges.source_name = keys.source_name
            and charges.billing_period = keys.billing_period
            and charges.attribution_key = keys.attribution_key
    inner join {{ ref('attribution_keys') }} as identities
        on
            charges.source_name = identities.source_name
            and charges.billing_period = identities.billing_period
            and charges.attribution_key = identities.attribution_key
    where keys.price_class = 'prepaid_fee' and charges.effective_cost > 0

),

uses as (

    select
        charges.source_name,
        charges.attribution_key,
        charges.billing_period,
        charges.capacity_reservation_id,
        charges.charge_date,
        charges.consumed_hours,
        keys.sub_account_id,
        keys.region_id,
        keys.instance_type
    from {{ ref('commitment_charges') }} as charges
    inner join {{ ref('rate_keys') }} as keys
        on
            charges.source_name = keys.source_name
            and charges.billing_period = keys.billing_period
            and charges.attribution_key = keys.attribution_key
    where keys.price_class = 'prepaid'

),

matched as (

    select
        fees.source_name,
        fees.billing_period,
        fees.attribution_key,
        fees.capacity_id,
        uses.consumed_hours,
        count(*) over (
            partition by
                uses.source_name, uses.billing_period, uses.attribution_key,
                uses.capacity_reservation_id, uses.charge_date
        ) as capacities
    from fees
    inner join uses
        on
            fees.source_name = uses.source_name
            and fees.sub_account_id = uses.sub_account_id
            and fees.instance_type = uses.instance_type
            and fees.region_id = uses.region_id
            and uses.charge_date >= cast(fees.first_charge_at as date)
            and uses.charge_date <= cast(fees.last_charge_end_at as date)
            and coalesce(uses.capacity_reservation_id, fees.capacity_id) = fees.capacity_id

),

used as (

    select
        source_name,
        billing_period,
        attribution_key,
        capacity_id,
        sum(consumed_hours) as used_hours,
        max(capacities) > 1 as is_ambiguous
    from matched
    group by source_name, billing_period, attribution_key, capacity_id

),

counted as (

    select
        fees.*,
        case
            when fees.priced_hours is null or fees.priced_hours = 0 or used.is_ambiguous then null
            else least(coalesce(used.used_hours, 0), fees.priced_hours)
        end as used_hours
    from fees
    left join used
        on
            fees.source_name = used.source_name
            and fees.billing_period = used.billing_period
            and fees.attribution_key = used.attribution_key
            and fees.capacity_id = used.capacity_id

)

select
    source_name,
    billing_period,
    attribution_key,
    capacity_id,
    billing_currency,
    provider,
    sub_account_id,
    instance_type,
    accelerator_model,
    accelerator_source,
    charge_date,
    {{ money('effective_cost') }} as effective_cost,
    priced_hours as bought_hours,
    used_hours,
    priced_hours - used_hours as unused_hours,
    {{ money('effective_cost * ' ~ ratio('priced_hours - used_hours', 'priced_hours')) }}
        as unused_cost
from counted
