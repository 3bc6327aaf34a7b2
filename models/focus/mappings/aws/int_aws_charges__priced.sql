-- One row per FOCUS charge with list and contracted cost, and the unit prices that go with them.
with charges as (

    select * from {{ ref('int_aws_charges__costed') }}

),

-- What the bill states, before prices are checked against amounts.
stated as (

    select
        *,
        case
            when price_rule in ('usage', 'list') then public_on_demand_rate
            when price_rule = 'paid' then unblended_rate
            when price_rule = 'unused' and charge_kind = 'sp_recurring_fee' then 1
        end as list_rate,
        case
            when price_rule in ('usage', 'paid') then charged_rate
            when price_rule = 'list' then public_on_demand_rate
            when price_rule = 'unused' and charge_kind = 'sp_recurring_fee' then 1
        end as contracted_rate,
        case
            when price_rule in ('usage', 'list')
                then case
                    when public_on_demand_cost <> 0 or public_on_demand_rate is not null
                        then public_on_demand_cost
                end
            when price_rule = 'paid' then unblended_cost
            when price_rule = 'negotiated' then 0
            when price_rule = 'unused' then unused_cost
            else line_billed_cost
        end as stated_list_cost
    from charges

),

filled as (

    select
        *,
        case
            when stated_list_cost is not null then stated_list_cost
            when price_rule = 'list' then line_effective_cost
            else unblended_cost
        end as line_list_cost,
        case price_rule
            when 'usage' then charged_cost
            when 'paid' then charged_cost
            when 'list' then coalesce(stated_list_cost, line_effective_cost)
            when 'unused' then unused_cost
            else line_billed_cost
        end as line_contracted_cost
    from stated

),

multiplied as (

    select
        *,
        {{ aws_share('line_list_cost') }} as list_amount,
        {{ aws_share('line_contracted_cost') }} as contracted_amount,
        {{ price_times_quantity('list_rate', 'pricing_quantity') }} as list_product,
        -- Most usage is charged at the public price, and a wide product is worth sparing.
        case
            when contracted_rate = list_rate then list_product
            else {{ price_times_quantity('contracted_rate', 'pricing_quantity') }}
        end as contracted_product
    from filled

),

-- Price times quantity is the cost: where the bill differs by the rounding of its figures (a
-- millionth) the product is taken, where it differs by more (tiers, free shares) the price goes.
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
    from multiplied

)

select
    *,
    case when is_list_price_kept then list_product else list_amount end as list_cost,
    -- Fees and idle hours come without a rate of their own: what they cost each is their price.
    case
        when is_list_price_kept then list_rate
        when list_rate is null and price_rule in ('paid', 'unused')
            then {{ aws_price_of('list_amount', 'pricing_quantity') }}
    end as list_unit_price,
    case when is_contracted_price_kept then contracted_product else contracted_amount end
        as contracted_cost,
    case
        when is_contracted_price_kept then contracted_rate
        when contracted_rate is null and price_rule in ('paid', 'unused')
            then {{ aws_price_of('contracted_amount', 'pricing_quantity') }}
    end as contracted_unit_price
from checked
