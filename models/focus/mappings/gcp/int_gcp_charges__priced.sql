-- One row per FOCUS charge with list and contracted cost, and the unit prices that go with them.
with charges as (

    select
        *,
        coalesce(nullif(price_block_size, 0), 1) as block_size,
        cast(coalesce(nullif(price_block_size, 0), 1) as decimal(18, 0)) as whole_block_size,
        -- NULL where the bill states list costs itself: a NULL key costs no probe.
        case when list_amount is null then sku_id end as unlisted_sku_id
    from {{ ref('int_gcp_charges__costed') }}

),

prices as (

    select * from {{ ref('int_gcp_prices__dated') }}

),

-- Prices of the bill are per block of units (1000000 tokens), those of the price list for one;
-- quantities come in single units.
stated as (

    select
        charges.*,
        case
            when charges.source_part = 'unused_commitment' then native_quantity
            when charges.block_size = 1 then native_quantity
            else {{ quantity('round(' ~ ratio('native_quantity', 'block_size') ~ ', 9)') }}
        end as pricing_quantity,
        case
            when charges.price_rule in ('usage', 'paid')
                then coalesce(
                    charges.list_price,
                    cast(prices.list_price * charges.whole_block_size as decimal(38, 18))
                )
            when charges.price_rule = 'unused'
                then case charges.commitment_category
                    when 'Spend' then 1
                    else charges.effective_price
                end
        end as list_rate,
        case
            when charges.price_rule = 'usage'
                then coalesce(
                    charges.default_price, charges.effective_price,
                    cast(prices.contract_price * charges.whole_block_size as decimal(38, 18))
                )
            when charges.price_rule = 'unused' and charges.commitment_category = 'Spend' then 1
            when charges.price_rule in ('paid', 'unused') then charges.effective_price
        end as contracted_rate,
        charges.list_price is null and prices.list_price is not null as has_listed_price
    from charges
    left join prices
        on
            charges.source_name = prices.source_name
            and charges.unlisted_sku_id = prices.sku_id
            and charges.billing_account_id = prices.billing_account_id
            and charges.billing_period = prices.billing_period
            and charges.currency_code = prices.currency_code
            and coalesce(charges.tier_start_amount, 0) = prices.tier_start_amount

),

multiplied as (

    select
        *,
        {{ price_times_quantity('list_rate', 'pricing_quantity') }} as list_product,
        case
            when contracted_rate = list_rate then list_product
            else {{ price_times_quantity('contracted_rate', 'pricing_quantity') }}
        end as contracted_product
    from stated

),

-- Where the bill lacks the list cost, the price list's price is taken, else the cost before
-- credits.
filled as (

    select
        *,
        case
            when price_rule in ('none', 'unused') then null
            when list_amount is not null then 'bill'
            when list_product is not null then 'price'
            else 'cost'
        end as list_origin,
        case
            when price_rule = 'none' then billed_cost
            when price_rule = 'unused' then effective_cost
            when list_amount is not null then {{ gcp_share('list_amount') }}
            when list_product is not null then list_product
            else {{ gcp_share('gross_cost') }}
        end as stated_list_cost,
        case
            when price_rule = 'none' then billed_cost
            when price_rule = 'unused' then effective_cost
            else {{ gcp_share('coalesce(default_amount, gross_cost)') }}
        end as stated_contracted_cost
    from multiplied

),

-- Price times quantity is the cost: where the bill differs by the rounding of its figures (a
-- millionth) the product is taken, where it differs by more (tiers, free shares) the price goes.
checked as (

    select
        *,
        coalesce(list_rate >= 0 and {{ is_rounding('list_product', 'stated_list_cost') }}, false)
            as is_list_price_kept,
        coalesce(
            contracted_rate >= 0
            and {{ is_rounding('contracted_product', 'stated_contracted_cost') }},
            false
        ) as is_contracted_price_kept
    from filled

)

select
    *,
    case when is_list_price_kept then list_product else stated_list_cost end as list_cost,
    case when is_list_price_kept then list_rate end as list_unit_price,
    case when is_contracted_price_kept then contracted_product else stated_contracted_cost end
        as contracted_cost,
    case when is_contracted_price_kept then contracted_rate end as contracted_unit_price
from checked
