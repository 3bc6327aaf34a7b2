-- One row per cost result of any AI vendor, with its quantity and where that comes from.
-- The bill's own quantity counts first, then that of the usage export for the same day, model,
-- meter and whatever else both exports name. A quantity is given once: to the one charge that it
-- fits.
with charges as (

    select * from {{ ref('int_vendor_charges__gathered') }}

),

days as (

    select * from {{ ref('int_vendor_days__compared') }}

),

usage as (

    select * from {{ ref('int_vendor_usage__keyed') }} where source_name is not null

),

keyed as (

    select
        charges.*,
        cast(charges.started_at as date) as charge_date,
        coalesce(lower(charges.model_id), '') as model_key,
        charges.provider = 'anthropic'
        and charges.charge_kind = 'usage'
        and charges.group_id is null
        and days.names_groups as is_default_group,
        {{ vendor_match_key('charges', 'days') }} as match_key
    from charges
    inner join days
        on
            charges.source_name = days.source_name
            and charges.billing_period = days.billing_period
            and charges.account_id = days.account_id
            and cast(charges.started_at as date) = days.charge_date

),

counted as (

    select
        *,
        count(*) over (
            partition by
                source_name, billing_period, account_id, charge_date, model_key, meter, match_key
        ) as sharing_charges
    from keyed

)

select
    counted.*,
    usage.metered_quantity as usage_quantity,
    case
        when counted.meter is null and counted.stated_quantity is null then null
        when counted.stated_quantity is not null then 'stated'
        when usage.metered_quantity is null then 'no_usage'
        when counted.sharing_charges > 1 then 'not_separable'
        else 'matched'
    end as quantity_state,
    case
        when counted.stated_quantity is not null then counted.stated_quantity
        when counted.sharing_charges = 1 then usage.metered_quantity
    end as consumed_quantity
from counted
left join usage
    on
        counted.source_name = usage.source_name
        and counted.billing_period = usage.billing_period
        and counted.account_id = usage.account_id
        and counted.charge_date = usage.usage_date
        and counted.model_key = usage.model_key
        and counted.meter = usage.meter
        and counted.match_key = usage.match_key
