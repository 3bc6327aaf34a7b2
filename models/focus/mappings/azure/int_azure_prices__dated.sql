{# Exception to the folder: a narrow table, as charges are joined to it by key and day. Price sheets
   are sources of their own: their months are not those of the bills that they price. #}
{{ config(materialized='table') }}

-- One row per price of a meter in an Azure price sheet, account, currency and first day: list and
-- negotiated price per unit of measure, and the day from which it no longer holds.
with sheets as (

    select
        *,
        lower(coalesce(billing_profile_id, billing_account_id, stated_account_id, '')) as account,
        replace(lower(coalesce(price_type, 'consumption')), ' ', '') as plain_type,
        -- The SKU comes apart from the product here and as its last part in bills (MCA).
        case
            when product_id like concat('%', sku_id) then product_id
            else concat(product_id, coalesce(sku_id, ''))
        end as product_key
    from {{ ref('stg_azure__prices') }}

),

-- Only prices of usage, and of tiers the first: which tier a charge is in, the bill does not tell.
usage_prices as (

    select
        split_part(account, '/', -1) as account_key,
        currency,
        lower(concat(meter_id, '|', coalesce(part_number, product_key, ''))) as price_key,
        cast(effective_start_date as date) as valid_from,
        cast(effective_end_date as date) as last_day,
        market_price,
        unit_price,
        lower(trim(unit_of_measure)) as native_unit,
        row_number() over (
            partition by
                account, currency, meter_id, part_number, product_key,
                cast(effective_start_date as date)
            order by billing_period desc, source_name asc, source_file asc, source_row asc
        ) as place
    from sheets
    where plain_type = 'consumption' and coalesce(tier_minimum_units, 0) = 0

),

newest as (

    select
        *,
        lead(valid_from) over (
            partition by account_key, currency, price_key order by valid_from
        ) as next_from
    from usage_prices
    where place = 1

)

select
    account_key,
    currency,
    price_key,
    native_unit,
    valid_from,
    -- A later sheet ends a price; without one it holds to its stated last day, or on.
    coalesce(
        least(next_from, cast({{ dbt.dateadd('day', 1, 'last_day') }} as date)),
        next_from,
        cast({{ dbt.dateadd('day', 1, 'last_day') }} as date),
        cast('9999-12-31' as date)
    ) as valid_to,
    market_price,
    unit_price
from newest
