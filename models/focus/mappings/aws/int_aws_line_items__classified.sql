-- One row per AWS line item: its kind, what it charges, and the commitment it belongs to.
with line_items as (

    select * from {{ ref('stg_aws__line_items') }}

),

facts as (

    select
        *,
        -- Discounts are inside the net cost where the delivery has it.
        case
            when has_net_costs then coalesce(net_unblended_cost, unblended_cost) else unblended_cost
        end as charged_cost,
        case
            when has_net_costs and net_unblended_cost is not null then net_unblended_rate
            else unblended_rate
        end as charged_rate,
        -- Legacy reports name capacity reservations, which are no discount, in the same column.
        case
            when reservation_arn not like '%:capacity-reservation/%' then reservation_arn
        end as reservation_discount_arn,
        coalesce(
            capacity_reservation_arn,
            case when reservation_arn like '%:capacity-reservation/%' then reservation_arn end,
            case when resource_id like '%:capacity-reservation/%' then resource_id end
        ) as capacity_arn
    from line_items

),

classified as (

    select
        *,
        case line_item_type
            when 'Usage'
                then case
                    when split_parent_resource_id is not null and unblended_cost = 0 then 'split'
                    when usage_type like '%SpotUsage%' or usage_type like '%TrSpt%'
                        then 'usage_spot'
                    when
                        unblended_cost = 0
                        and (description like '%ree tier%' or description like '%ree Tier%')
                        then 'usage_free_tier'
                    else 'usage'
                end
            when 'DiscountedUsage' then 'ri_covered_usage'
            when 'SavingsPlanCoveredUsage' then 'sp_covered_usage'
            when 'SavingsPlanNegation' then 'sp_negation'
            when 'SavingsPlanRecurringFee' then 'sp_recurring_fee'
            when 'SavingsPlanUpfrontFee' then 'sp_upfront_fee'
            when 'RIFee' then 'ri_fee'
            when 'Fee'
                then case
                    when savings_plan_arn is not null then 'sp_upfront_fee'
                    when
                        capacity_arn is not null
                        or usage_type like '%CapacityBlock%'
                        or lower(usage_type) like '%trainingplan%'
                        or lower(usage_type) like '%training-plan%'
                        or description like '%Capacity Block%'
                        or lower(description) like '%training plan%'
                        then 'capacity_prepaid'
                    when reservation_discount_arn is not null then 'ri_upfront_fee'
                    when product_code like '%Support%' then 'support_fee'
                    else 'fee'
                end
            when 'FlatRateSubscription' then 'flat_rate_subscription'
            when 'Tax' then 'tax'
            when 'Credit' then 'credit'
            when 'Refund'
                then case
                    when tax_type is not null then 'refund_tax'
                    when savings_plan_arn is not null or reservation_discount_arn is not null
                        then 'refund_commitment'
                    when usage_type is not null then 'refund_usage'
                    else 'refund'
                end
            else case
                when line_item_type like '%Discount'
                    then case
                        when has_net_costs and net_unblended_cost = 0 then 'discount_in_net'
                        else 'discount'
                    end
                else 'unknown'
            end
        end as charge_kind
    from facts

)

select
    *,
    case
        when charge_kind in ('ri_covered_usage', 'ri_fee', 'ri_upfront_fee')
            then reservation_discount_arn
        when
            charge_kind in (
                'sp_covered_usage', 'sp_negation', 'sp_recurring_fee', 'sp_upfront_fee'
            )
            then savings_plan_arn
        when charge_kind = 'refund_commitment'
            then coalesce(savings_plan_arn, reservation_discount_arn)
    end as commitment_id,
    -- What the usage really cost: amortised where a commitment pays for it.
    case charge_kind
        when 'ri_covered_usage'
            then case
                when has_net_costs
                    then coalesce(reservation_net_effective_cost, reservation_effective_cost)
                else reservation_effective_cost
            end
        when 'sp_covered_usage'
            then case
                when has_net_costs
                    then coalesce(savings_plan_net_effective_cost, savings_plan_effective_cost)
                else savings_plan_effective_cost
            end
        else charged_cost
    end as used_cost
from classified
