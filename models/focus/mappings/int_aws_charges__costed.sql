-- One row per FOCUS charge with its four costs, unit prices and quantities.
with charges as (

    select * from {{ ref('int_aws_charges__expanded') }}

),

-- Idle part of a commitment fee. The plan's fee is stated before discounts, so where the delivery has
-- net columns the idle part shrinks as the whole fee does.
idle as (

    select
        *,
        case
            when source_part <> 'unused_commitment' then null
            when charge_kind = 'ri_fee' and has_net_costs
                then
                    coalesce(
                        reservation_net_unused_amortized_upfront_fee_for_billing_period,
                        reservation_unused_amortized_upfront_fee_for_billing_period, 0
                    )
                    + coalesce(
                        reservation_net_unused_recurring_fee, reservation_unused_recurring_fee, 0
                    )
            when charge_kind = 'ri_fee'
                then
                    coalesce(reservation_unused_amortized_upfront_fee_for_billing_period, 0)
                    + coalesce(reservation_unused_recurring_fee, 0)
            else
                {{ aws_net_commitment(
                    'coalesce(savings_plan_total_commitment_to_date, 0)'
                    ~ ' - coalesce(savings_plan_used_commitment, 0)'
                ) }}
        end as unused_cost
    from charges

),

amounts as (

    select
        *,
        case billed_rule
            when 'amount' then charged_cost
            when 'remainder' then remainder_cost
            else 0
        end as line_billed_cost,
        case effective_rule
            when 'billed'
                then case when billed_rule = 'amount' then charged_cost else coalesce(remainder_cost, 0) end
            when 'covered' then coalesce(used_cost, charged_cost)
            when 'unused' then unused_cost
            else 0
        end as line_effective_cost,
        case
            when charge_category not in ('Usage', 'Purchase') then null
            when source_part <> 'unused_commitment' then usage_amount
            when charge_kind = 'ri_fee' then reservation_unused_quantity
            else {{ quantity('unused_cost') }}
        end as line_quantity
    from idle
    where
        source_part <> 'unused_commitment'
        or unused_cost <> 0
        or (charge_kind = 'ri_fee' and reservation_unused_quantity <> 0)

),

-- Stated price and amount, list and contracted, before they are checked against each other.
priced as (

    select
        *,
        case
            when price_rule in ('usage', 'list') then public_on_demand_rate
            when price_rule = 'paid' then unblended_rate
            when price_rule = 'unused' and charge_kind = 'sp_recurring_fee' then 1
        end as list_rate,
        case
            when price_rule = 'usage' then charged_rate
            when price_rule = 'list' then public_on_demand_rate
            when price_rule = 'paid' then charged_rate
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
    from amounts

),

shared as (

    select
        *,
        {{ aws_share('line_billed_cost') }} as billed_cost,
        {{ aws_share('line_effective_cost') }} as effective_cost,
        {{ aws_share('line_quantity', 'quantity') }} as pricing_quantity,
        {{ aws_share(
            "coalesce(stated_list_cost, case when price_rule = 'list' then line_effective_cost else unblended_cost end)"
        ) }} as list_amount,
        {{ aws_share("case price_rule when 'usage' then charged_cost when 'paid' then charged_cost"
            ~ " when 'list' then coalesce(stated_list_cost, line_effective_cost)"
            ~ " when 'unused' then unused_cost else line_billed_cost end") }} as contracted_amount
    from priced

),

multiplied as (

    select
        *,
        {{ price_times_quantity('list_rate', 'pricing_quantity') }} as list_product,
        {{ price_times_quantity('contracted_rate', 'pricing_quantity') }} as contracted_product
    from shared

)

-- Price times quantity is the cost: where the bill differs by its ten-digit rounding the product is
-- taken, where it differs by more (tiers, free shares) the price is left out.
select
    *,
    list_rate >= 0 and abs(list_product - list_amount) <= 0.000001 as is_list_price_kept,
    contracted_rate >= 0 and abs(contracted_product - contracted_amount) <= 0.000001
        as is_contracted_price_kept
from multiplied
