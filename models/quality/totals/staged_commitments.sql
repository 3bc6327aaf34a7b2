{# Exception to the folder: private, and only changed periods are read. #}
{{ config(
    database='warehouse',
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ delete_queued('source_name', 'billing_period') }}"
) }}

-- One row per source, billing period, billing account, currency and commitment: what the bill
-- itself says was paid for, used and covered. Each landed file is read once, when it is new.
with line_items as (

    select * from {{ ref('int_aws_line_items__classified') }}
    where
        {{ rebuild_predicate('source_name', 'billing_period') }}
        and commitment_id is not null

),

fees as (

    select
        *,
        charge_kind in ('sp_recurring_fee', 'ri_fee') as is_fee,
        charged_cost + case
            when charge_kind = 'sp_recurring_fee'
                then coalesce(
                    case
                        when has_net_costs
                            then savings_plan_net_amortized_upfront_commitment_for_billing_period
                    end,
                    savings_plan_amortized_upfront_commitment_for_billing_period, 0
                )
            else coalesce(
                case
                    when has_net_costs
                        then reservation_net_amortized_upfront_fee_for_billing_period
                end,
                reservation_amortized_upfront_fee_for_billing_period, 0
            )
        end as fee_cost
    from line_items

),

-- What a plan used and committed is stated before discounts. Where the bill is net, the used share
-- of the commitment is applied to what the fee really cost; 12 digits are more than a bill has.
amounts as (

    select
        *,
        case
            when charge_kind = 'sp_recurring_fee' and has_net_costs
                then fee_cost
            when charge_kind = 'sp_recurring_fee' then savings_plan_total_commitment_to_date
            when charge_kind = 'ri_fee' then fee_cost
        end as commitment_cost,
        case
            when charge_kind = 'sp_recurring_fee' and has_net_costs
                then
                    {{ money('cast(' ~ ratio(
                        'savings_plan_used_commitment', 'savings_plan_total_commitment_to_date'
                    ) ~ ' * cast(fee_cost as double) as decimal(38, 12))') }}
            when charge_kind = 'sp_recurring_fee' then savings_plan_used_commitment
            when charge_kind = 'ri_fee'
                then
                    fee_cost
                    - coalesce(
                        case when has_net_costs then reservation_net_unused_recurring_fee end,
                        reservation_unused_recurring_fee, 0
                    )
                    - coalesce(
                        case
                            when has_net_costs
                                then
                                    reservation_net_unused_amortized_upfront_fee_for_billing_period
                        end,
                        reservation_unused_amortized_upfront_fee_for_billing_period, 0
                    )
        end as stated_used_cost
    from fees

)

select
    source_name,
    billing_period,
    payer_account_id as billing_account_id,
    currency_code as billing_currency,
    commitment_id as commitment_discount_id,
    {{ money('sum(case when is_fee then fee_cost else 0 end)') }} as fee_cost,
    {{ money('sum(case when is_fee then coalesce(commitment_cost, 0) else 0 end)') }}
        as stated_commitment_cost,
    {{ money('sum(case when is_fee then coalesce(stated_used_cost, 0) else 0 end)') }}
        as stated_used_cost,
    {{ money("sum(case when charge_kind in ('sp_covered_usage', 'ri_covered_usage')"
        ~ " then coalesce(used_cost, charged_cost) else 0 end)") }} as covered_cost
from amounts
group by source_name, billing_period, payer_account_id, currency_code, commitment_id
