-- One row per FOCUS charge of an Azure bill with quantities, list and contracted cost, and the unit
-- prices that go with them. Prices are per unit of measure (block), quantities are not.
with charges as (

    select
        *,
        coalesce(commitment_id like '/providers/microsoft.billingbenefits/%', false) as is_spend,
        coalesce(pricing_currency, billing_currency) as price_currency,
        case
            when coalesce(pricing_currency, billing_currency) = billing_currency then 1
            else exchange_rate
        end as rate,
        -- NULL where the bill has its prices: a NULL key costs no probe.
        case
            when
                price_rule in ('usage', 'committed')
                and quantity <> 0
                and (coalesce(payg_price, 0) = 0 or coalesce(unit_price, 0) = 0)
                then price_key
        end as sheet_key
    from {{ ref('int_azure_charges__labelled') }}

),

sheet_prices as (

    select * from {{ ref('int_azure_prices__dated') }}

),

joined as (

    select
        charges.*,
        nullif(sheet_prices.market_price, 0) as sheet_list_price,
        nullif(sheet_prices.unit_price, 0) as sheet_contracted_price
    from charges
    left join sheet_prices
        on
            charges.sheet_key = sheet_prices.price_key
            and split_part(lower(charges.payer_id), '/', -1) = sheet_prices.account_key
            and charges.price_currency = sheet_prices.currency
            and charges.charge_date >= sheet_prices.valid_from
            and charges.charge_date < sheet_prices.valid_to

),

stated as (

    select
        *,
        case
            when price_rule = 'none' then null
            -- What is idle of a savings plan is money.
            when price_rule = 'unused' and is_spend then {{ quantity('effective_cost') }}
            when is_counted_in_blocks or coalesce(block_size, 1) = 1 then quantity
            else {{ azure_blocks('quantity', 'block_size') }}
        end as pricing_quantity,
        -- The price of idle time is what it cost, in pricing currency.
        case
            when price_rule = 'unused'
                then cast({{ ratio(
                    'cast(effective_cost as double)',
                    'cast(pricing_quantity as double) * cast(rate as double)'
                ) }} as decimal(20, 12))
        end as idle_price,
        case
            when price_rule = 'paid' then unit_price
            when price_rule = 'unused' then idle_price
            when price_rule in ('usage', 'committed')
                then coalesce(
                    nullif(payg_price, 0), sheet_list_price,
                    case when charged_cost = 0 then payg_price end
                )
        end as native_list_price,
        case
            when price_rule = 'committed'
                then coalesce(nullif(unit_price, 0), sheet_contracted_price)
            when price_rule = 'usage' then coalesce(unit_price, sheet_contracted_price)
            when price_rule = 'paid' then unit_price
            when price_rule = 'unused' then idle_price
        end as native_contracted_price
    from joined

),

multiplied as (

    select
        *,
        {{ azure_converted('native_list_price', 'rate') }} as list_rate,
        {{ azure_converted('native_contracted_price', 'rate') }} as contracted_rate,
        {{ price_times_quantity(
            azure_converted('native_list_price', 'rate'), 'pricing_quantity'
        ) }} as list_product,
        {{ price_times_quantity(
            azure_converted('native_contracted_price', 'rate'), 'pricing_quantity'
        ) }} as contracted_product
    from stated

),

-- What the row costs without any discount, and before commitments.
filled as (

    select
        *,
        case
            when price_rule = 'paid' then charged_cost
            when price_rule in ('none', 'unused')
                then case when price_rule = 'unused' then effective_cost else billed_cost end
            when payg_cost_in_billing_currency <> 0 then payg_cost_in_billing_currency
            when native_list_price <> 0 or charged_cost = 0 then list_product
        end as known_list_cost,
        case
            when price_rule in ('usage', 'paid') then charged_cost
            when price_rule = 'committed' then contracted_product
            when price_rule = 'unused' then effective_cost
            else billed_cost
        end as known_contracted_cost
    from multiplied

),

amounts as (

    select
        *,
        coalesce(known_list_cost, known_contracted_cost, effective_cost) as list_amount,
        coalesce(known_contracted_cost, known_list_cost, effective_cost) as contracted_amount
    from filled

),

checked as (

    select
        *,
        coalesce(list_rate >= 0 and {{ is_rounding('list_product', 'list_amount') }}, false)
            as is_list_price_kept,
        coalesce(
            contracted_rate >= 0
            and {{ is_rounding('contracted_product', 'contracted_amount') }},
            false
        ) as is_contracted_price_kept
    from amounts

)

select
    *,
    case when is_list_price_kept then list_product else list_amount end as list_cost,
    case when is_list_price_kept then list_rate end as list_unit_price,
    case when is_contracted_price_kept then contracted_product else contracted_amount end
        as contracted_cost,
    case when is_contracted_price_kept then contracted_rate end as contracted_unit_price
from checked
