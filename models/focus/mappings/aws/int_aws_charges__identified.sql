-- One row per FOCUS charge with its period, region, resource, SKU, commitment and seller as facts
-- of its own line; nothing is looked up here.
with charges as (

    select * from {{ ref('int_aws_charges__priced') }}

),

timed as (

    select
        *,
        -- Fee lines end with the last second of their month.
        case
            when extract(second from usage_end_at) = 59 then usage_end_at + interval 1 second
            else usage_end_at
        end as exclusive_end_at,
        coalesce(
            billing_period_end, billing_period_start + interval 1 month
        ) as stated_period_end_at
    from charges

)

select
    *,
    least(usage_start_at, exclusive_end_at) as charge_start_at,
    case
        when exclusive_end_at is null or exclusive_end_at = usage_start_at
            then usage_start_at + interval 1 second
        else greatest(usage_start_at, exclusive_end_at)
    end as charge_end_at,
    case
        when extract(second from stated_period_end_at) = 59
            then stated_period_end_at + interval 1 second
        else stated_period_end_at
    end as period_end_at,
    coalesce(pricing_currency, currency_code) as price_currency,
    coalesce(billing_entity = 'AWS Marketplace', false) as is_marketplace,
    {{ placeholder_to_null('availability_zone') }} as zone_id,
    case
        when source_part = 'rounding' then null
        when commitment_id is not null and coalesce(commitment_status, '') <> 'Used'
            then commitment_id
        when charge_kind = 'split' then split_parent_resource_id
        else {{ placeholder_to_null('resource_id') }}
    end as charged_resource_id,
    case
        when charge_category <> 'Tax' and source_part <> 'rounding'
            then coalesce(product_sku, split_part(rate_code, '.', 1))
    end as sku_id,
    case
        when charge_category = 'Tax' or source_part = 'rounding' then null
        -- Fees (support, capacity blocks) come without a rate code. Their SKU has one price, and
        -- FOCUS lets the price be named by its SKU.
        when charge_category = 'Purchase' then coalesce(rate_code, product_sku)
        else rate_code
    end as sku_price_id,
    coalesce(
        charge_category = 'Usage' and coalesce(commitment_status, '') <> 'Unused', false
    ) as is_consumed,
    case
        when charge_category <> 'Usage' then null
        when lower(capacity_reservation_status) = 'used' then 'Used'
        when lower(capacity_reservation_status) = 'unused' then 'Unused'
        when usage_type like '%UnusedBox:%' or usage_type like '%UnusedDed:%' then 'Unused'
        when capacity_reservation_status is null and usage_type like '%Usage:%' then 'Used'
    end as capacity_status,
    case
        when commitment_id is null then null
        when commitment_id = savings_plan_arn then 'Spend'
        else 'Usage'
    end as commitment_category,
    -- Normalised hours where the reservation's size may vary, else plain hours. An upfront fee buys
    -- the hours of the whole lease.
    case
        when source_part = 'unused_commitment'
            then nullif(reservation_unused_normalized_unit_quantity, 0)
        when charge_kind = 'ri_covered_usage' then nullif(normalized_usage_amount, 0)
        when charge_kind = 'ri_upfront_fee'
            then nullif(normalized_usage_amount, 0) * {{ aws_lease_hours() }}
        else nullif(reservation_total_reserved_normalized_units, 0)
    end as normalized_quantity,
    case
        when source_part = 'unused_commitment' then reservation_unused_quantity
        when charge_kind = 'ri_covered_usage' then usage_amount
        when charge_kind = 'ri_upfront_fee' then usage_amount * {{ aws_lease_hours() }}
        else reservation_total_reserved_units
    end as reserved_quantity,
    case
        when source_part <> 'charge' then null
        when charge_kind = 'ri_fee' and has_net_costs
            then
                coalesce(
                    reservation_net_amortized_upfront_fee_for_billing_period,
                    reservation_amortized_upfront_fee_for_billing_period
                )
        when charge_kind = 'ri_fee' then reservation_amortized_upfront_fee_for_billing_period
        when charge_kind = 'sp_recurring_fee' and has_net_costs
            then
                coalesce(
                    savings_plan_net_amortized_upfront_commitment_for_billing_period,
                    savings_plan_amortized_upfront_commitment_for_billing_period
                )
        when charge_kind = 'sp_recurring_fee'
            then savings_plan_amortized_upfront_commitment_for_billing_period
    end as amortized_upfront_cost
from timed
