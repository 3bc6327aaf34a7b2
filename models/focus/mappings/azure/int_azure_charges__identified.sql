-- One row per FOCUS charge of an Azure bill with its payer, period, resource and commitment, and
-- the repairs that it needed.
with charges as (

    select * from {{ ref('int_azure_charges__priced') }}

),

identified as (

    select
        *,
        coalesce(charge_category = 'Usage' and coalesce(commitment_status, '') <> 'Unused', false)
            as is_consumed,
        case
            when is_counted_in_blocks and block_size <> 1
                then {{ quantity_of_blocks('quantity', 'block_size') }}
            else quantity
        end as single_quantity,
        coalesce(commitment_id is not null and source_part = 'charge', false) as is_commitment,
        case when is_spend then 'Spend' else 'Usage' end as commitment_category,
        case
            when commitment_id is not null and coalesce(commitment_status, '') <> 'Used'
                then commitment_id
            when plain_resource_id like 'subscriptions/%' then concat('/', plain_resource_id)
            else plain_resource_id
        end as charged_resource_id,
        coalesce(billing_period_start, cast(concat(billing_period, '-01') as timestamp))
            as period_start_at,
        {{ azure_period_end() }} as period_end_at,
        coalesce(
            case when charge_category = 'Purchase' then product_order_name end,
            product_name, meter_name, meter_category, service_name
        ) as product_text
    from charges

)

select
    *,
    case
        when payer_id = billing_profile_id then coalesce(billing_profile_name, billing_account_name)
        when payer_id = billing_account_id then billing_account_name
        when payer_id = subscription_id then subscription_name
    end as payer_name,
    case
        when payer_id = billing_account_id then 'Billing Account'
        when payer_id = billing_profile_id then 'Billing Profile'
        when payer_id = subscription_id then 'Subscription'
    end as payer_type,
    case
        when source_part = 'amortized_difference'
            then concat('Difference of actual and amortized cost: ', product_text)
        when commitment_status = 'Unused' then concat('Unused: ', product_text)
        else product_text
    end as charge_text,
    case
        when charged_resource_id = commitment_id
            then {{ azure_resource_type("concat(commitment_id, '/-')") }}
        when charged_resource_id is not null
            then coalesce(resource_type_id, type_code, lower(consumed_service), 'resource')
    end as charged_resource_type,
    case
        when charge_category <> 'Usage' or capacity_reservation_id is null then null
        when resource_type_id like '%/capacityreservations' then 'Unused'
        else 'Used'
    end as capacity_status,
    case when is_commitment then {{ azure_commitment_quantity() }} end as commitment_quantity,
    case
        when not is_commitment then null
        when commitment_category = 'Spend' then billing_currency
        when charge_category = 'Usage' then coalesce(consumed_unit, 'Hours')
        else 'Hours'
    end as commitment_unit,
    {{ azure_prepaid_cost() }} as amortized_upfront_cost,
    {{ azure_repairs() }} as source_changes
from identified
