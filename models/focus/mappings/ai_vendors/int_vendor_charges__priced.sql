-- One row per cost result of any AI vendor, with FOCUS classes, unit, quantities and list price.
with charges as (

    select * from {{ ref('int_vendor_charges__measured') }}

),

rules as (

    select * from {{ ref('ai_vendor_charge_rules') }}

),

meters as (

    select * from {{ ref('ai_vendor_meters') }}

),

units as (

    select * from {{ ref('focus_units') }}

),

prices as (

    select * from {{ ref('ai_vendor_token_prices') }}

),

classed as (

    select
        charges.*,
        rules.charge_category,
        rules.charge_frequency,
        nullif(rules.pricing_category, '') as pricing_category,
        meters.sku_meter,
        meters.token_direction,
        meters.token_cache_action,
        coalesce(charges.stated_unit, meters.native_unit) as native_unit
    from charges
    inner join rules on charges.charge_kind = rules.charge_kind
    left join meters on charges.provider = meters.provider and charges.meter = meters.meter

),

quantified as (

    select
        classed.*,
        case
            when classed.charge_category not in ('Usage', 'Purchase') then null
            when classed.consumed_quantity is not null and units.block_size is not null
                then {{ blocks_of_quantity('classed.consumed_quantity', 'units.block_size') }}
            -- A fee is one of what it is a fee for, unless the bill says how many.
            when classed.charge_category = 'Purchase'
                then coalesce(classed.consumed_quantity, {{ quantity('1') }})
        end as pricing_quantity,
        case
            when classed.charge_category = 'Usage' then units.pricing_unit
            when classed.charge_category = 'Purchase' then coalesce(units.pricing_unit, 'Units')
        end as pricing_unit,
        units.consumed_unit
    from classed
    left join units
        on classed.provider = units.provider and classed.native_unit = units.native_unit

),

-- Prices are those of the standard speed and of inference anywhere: others are not known.
listed as (

    select
        quantified.*,
        case
            when
                quantified.charge_category = 'Usage'
                and coalesce(quantified.inference_geo, 'global') in ('global', 'not_available')
                then prices.list_unit_price
        end as known_unit_price
    from quantified
    left join prices
        on
            quantified.provider = prices.provider
            and quantified.model_key = lower(prices.model_id)
            and quantified.meter = prices.meter
            and quantified.billing_currency = prices.currency
            and coalesce(quantified.service_tier, 'standard') = prices.service_tier
            and coalesce(quantified.context_window, '0-200k') like prices.context_pattern
            and quantified.charge_date >= prices.valid_from
            and quantified.charge_date < prices.valid_to

),

multiplied as (

    select
        *,
        case
            when pricing_quantity is not null
                then {{ price_times_quantity('known_unit_price', 'pricing_quantity') }}
        end as list_product,
        -- What one unit was charged at, to 12 digits: vendors bill no prices, only costs.
        cast(
            cast({{ ratio('charged_cost', 'pricing_quantity') }} as decimal(38, 12))
            as decimal(38, 18)
        ) as charged_unit_price
    from listed

),

-- OpenAI states costs as floating point numbers: the public price times quantity is the charge
-- before that, to a millionth.
compared as (

    select
        *,
        list_product is not null and {{ is_rounding('charged_cost', 'list_product') }}
            as is_public_price
    from multiplied

)

-- Where the public price is unknown, list cost and list price are what was charged, and the row
-- says so: FOCUS asks for both.
select
    *,
    coalesce(list_product, charged_cost) as list_cost,
    case when list_product is not null then known_unit_price else charged_unit_price end
        as list_unit_price,
    case when is_public_price then list_product else charged_cost end as contracted_cost,
    case when is_public_price then known_unit_price else charged_unit_price end
        as contracted_unit_price
from compared
