-- One row per source, billing period, billing account, currency and commitment: what the AWS
-- bill itself says was paid for, used and covered. Each landed file is read once, when it is new.
-- Commitment and covered cost are read from the bill, not taken from the mapping that they check.
-- Read apart, because a bill has few fee lines with many amounts and many covered lines with one:
-- read together they took twice as long.
with fee_lines as (

    select
        *,
        case line_item_type
            when 'RIFee' then reservation_arn
            else savings_plan_arn
        end as stated_commitment_id
    from {{ ref('int_aws_line_items__classified') }}
    where
        {{ rebuild_predicate('source_name', 'billing_period') }}
        and line_item_type in ('SavingsPlanRecurringFee', 'RIFee')

),

covered_lines as (

    select
        *,
        case line_item_type
            when 'DiscountedUsage' then reservation_arn
            else savings_plan_arn
        end as stated_commitment_id,
        case line_item_type
            when 'DiscountedUsage' then reservation_effective_cost
            else savings_plan_effective_cost
        end as effective_cost,
        case line_item_type
            when 'DiscountedUsage' then reservation_net_effective_cost
            else savings_plan_net_effective_cost
        end as net_effective_cost
    from {{ ref('int_aws_line_items__classified') }}
    where
        {{ rebuild_predicate('source_name', 'billing_period') }}
        and line_item_type in ('SavingsPlanCoveredUsage', 'DiscountedUsage')

),

fees as (

    select
        *,
        charged_cost + coalesce(
            case
                when charge_kind = 'sp_recurring_fee' and has_net_costs
                    then savings_plan_net_amortized_upfront_commitment_for_billing_period
                when charge_kind = 'ri_fee' and has_net_costs
                    then reservation_net_amortized_upfront_fee_for_billing_period
            end,
            case charge_kind
                when 'sp_recurring_fee'
                    then savings_plan_amortized_upfront_commitment_for_billing_period
                else reservation_amortized_upfront_fee_for_billing_period
            end,
            0
        ) as fee_cost,
        coalesce(
            case when has_net_costs then reservation_net_unused_recurring_fee end,
            reservation_unused_recurring_fee, 0
        ) + coalesce(
            case
                when has_net_costs
                    then reservation_net_unused_amortized_upfront_fee_for_billing_period
            end,
            reservation_unused_amortized_upfront_fee_for_billing_period, 0
        ) as unused_fee_cost
    from fee_lines
    where stated_commitment_id is not null

),

-- What a plan used and committed is stated before discounts. Where the bill is net, the used share
-- of the commitment is applied to what the fee really cost; 12 digits are more than a bill has.
amounts as (

    select
        source_name,
        billing_period,
        payer_account_id,
        currency_code,
        stated_commitment_id,
        fee_cost,
        case
            when charge_kind = 'sp_recurring_fee' and not has_net_costs
                then coalesce(savings_plan_total_commitment_to_date, 0)
            else fee_cost
        end as stated_commitment_cost,
        coalesce(
            case
                when charge_kind = 'ri_fee' then fee_cost - unused_fee_cost
                when not has_net_costs then savings_plan_used_commitment
                else {{ money('cast(' ~ ratio(
                    'savings_plan_used_commitment', 'savings_plan_total_commitment_to_date'
                ) ~ ' * cast(fee_cost as double) as decimal(38, 12))') }}
            end,
            0
        ) as stated_used_cost,
        0 as covered_cost
    from fees
    union all
    select
        source_name,
        billing_period,
        payer_account_id,
        currency_code,
        stated_commitment_id,
        0 as fee_cost,
        0 as stated_commitment_cost,
        0 as stated_used_cost,
        coalesce(
            case when has_net_costs then net_effective_cost end, effective_cost, charged_cost
        ) as covered_cost
    from covered_lines
    where stated_commitment_id is not null

)

select
    source_name,
    billing_period,
    payer_account_id as billing_account_id,
    currency_code as billing_currency,
    stated_commitment_id as commitment_discount_id,
    {{ money('sum(fee_cost)') }} as fee_cost,
    {{ money('sum(stated_commitment_cost)') }} as stated_commitment_cost,
    {{ money('sum(stated_used_cost)') }} as stated_used_cost,
    {{ money('sum(covered_cost)') }} as covered_cost
from amounts
group by source_name, billing_period, payer_account_id, currency_code, stated_commitment_id
