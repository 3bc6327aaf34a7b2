-- One row per row of an Azure bill, actual or amortized: its kind, its commitment, what it bills
-- and really costs, and the keys under which its texts are resolved once.
with charges as (

    select * from {{ ref('stg_azure__cost_details') }}

),

files as (

    select * from {{ ref('int_azure_files__paired') }}

),

-- Legacy exports have neither charge type nor pricing model: all their rows are usage.
stated as (

    select
        charges.*,
        files.has_actual,
        files.has_amortized,
        coalesce(charges.charge_type, 'Usage') as native_charge_type,
        lower(replace(charges.pricing_model, ' ', '')) as plain_pricing_model,
        lower(charges.resource_id) as plain_resource_id,
        coalesce(
            charges.billing_profile_id, charges.billing_account_id, charges.subscription_id,
            charges.stated_account_id
        ) as payer_id
    from charges
    inner join files
        on
            charges.source_name = files.source_name
            and charges.billing_period = files.billing_period

),

-- Fees name the order, usage names a reservation of it: the order is what they have in common.
committed as (

    select
        *,
        case
            when
                plain_pricing_model in ('reservation', 'savingsplan')
                or native_charge_type in ('UnusedReservation', 'UnusedSavingsPlan')
                or (plain_pricing_model is null and reservation_id is not null)
                then {{ azure_commitment_id() }}
        end as commitment_id
    from stated

),

classified as (

    select
        *,
        commitment_id is not null and native_charge_type like 'Unused%' as is_unused,
        commitment_id is not null and native_charge_type = 'Usage' as is_covered,
        {{ azure_resource_type('plain_resource_id') }} as resource_type_id
    from committed

),

kinds as (

    select
        *,
        case
            when dataset = 'amortized' and not has_actual and not is_covered and not is_unused
                then case
                    when native_charge_type = 'Usage' then 'usage_without_actual'
                    else 'other_without_actual'
                end
            when dataset = 'amortized' and not is_covered and not is_unused then 'in_actual'
            when dataset = 'actual' and is_covered and has_amortized and charged_cost = 0
                then 'in_amortized'
            when is_unused then 'unused_commitment'
            when is_covered then 'covered_usage'
            when native_charge_type = 'Usage' and {{ azure_is_spot() }} then 'usage_spot'
            else case native_charge_type
                when 'Usage' then 'usage'
                when 'Purchase'
                    then case
                        when commitment_id is not null then 'commitment_purchase' else 'purchase'
                    end
                when 'Refund'
                    then case
                        when commitment_id is not null then 'commitment_refund' else 'refund'
                    end
                when 'Tax' then 'tax'
                when 'Credit' then 'credit'
                when 'RoundingAdjustment' then 'adjustment'
                when 'Adjustment' then 'adjustment'
                else 'unknown'
            end
        end as charge_kind
    from classified

)

select
    *,
    -- Only the actual file bills.
    case when dataset = 'actual' then charged_cost else {{ money('0') }} end as row_billed_cost,
    -- Where the amortized file is there, it carries what commitments cost.
    case
        when
            has_amortized and dataset = 'actual'
            and charge_kind in (
                'commitment_purchase', 'commitment_refund', 'covered_usage', 'in_amortized'
            )
            then {{ money('0') }}
        else charged_cost
    end as row_effective_cost,
    {{ text_key([
        'subscription_id', 'charge_date', 'plain_resource_id', 'meter_id', 'native_charge_type',
        "case when native_charge_type <> 'Usage' then product_name end",
    ]) }} as charge_key,
    {{ text_key([
        'native_charge_type', 'consumed_service', 'resource_type', 'resource_type_id',
        'meter_category', 'meter_sub_category', 'meter_name', 'meter_id', 'product_id',
        'part_number', 'product_name', 'product_order_name', 'plan_name', 'offer_id',
        'unit_of_measure', 'resource_location', 'location', 'meter_region', 'publisher_type',
        'publisher_name', 'legacy_service_name',
    ]) }} as label_key,
    {{ text_key(['additional_info']) }} as detail_key,
    {{ text_key([
        'tags_text', 'cost_center', 'invoice_section_name', 'cost_allocation_rule_name'
    ]) }} as tag_set_key
from kinds
