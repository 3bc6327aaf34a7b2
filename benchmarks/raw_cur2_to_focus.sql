-- The yardstick: one statement, written by hand for speed, that reads CUR 2.0 files and writes the
-- 65 FOCUS columns to a table. No lineage, no repairs, no checks, no audit of the input.
-- {source} is a table function over the delivered files, {cost} turns a cost column into a decimal.
create table cost_and_usage as
with line_items as (
    select *,
        {net_cost} as bill_cost,
        line_item_line_item_type in ('SavingsPlanRecurringFee', 'RIFee') as is_recurring_fee,
        line_item_line_item_type in ('DiscountedUsage', 'SavingsPlanCoveredUsage') as is_covered
    from {source}
    where line_item_line_item_type <> 'SavingsPlanNegation'
),
charges as (
    select *, false as is_unused from line_items
    union all
    select *, true as is_unused from line_items where is_recurring_fee
)
select
    cast(null as varchar) as allocated_method_details,
    cast(null as varchar) as allocated_method_id,
    cast(null as varchar) as allocated_resource_id,
    cast(null as varchar) as allocated_resource_name,
    cast(null as map(varchar, varchar)) as allocated_tags,
    nullif(line_item_availability_zone, '') as availability_zone,
    case when is_unused or is_covered then 0 else {cost_bill} end as billed_cost,
    bill_payer_account_id as billing_account_id,
    bill_payer_account_name as billing_account_name,
    'Management Account' as billing_account_type,
    line_item_currency_code as billing_currency,
    {timestamp_billing_end} as billing_period_end,
    {timestamp_billing_start} as billing_period_start,
    nullif(capacity_reservation_capacity_reservation_arn, '') as capacity_reservation_id,
    nullif(capacity_reservation_capacity_reservation_status, '') as capacity_reservation_status,
    case
        when is_unused or is_covered then 'Usage'
        when is_recurring_fee or line_item_line_item_type in ('Fee', 'SavingsPlanUpfrontFee')
            then 'Purchase'
        when line_item_line_item_type = 'Tax' then 'Tax'
        when line_item_line_item_type = 'Credit' then 'Credit'
        when line_item_line_item_type in ('Refund', 'EdpDiscount', 'PrivateRateDiscount')
            then 'Adjustment'
        else 'Usage'
    end as charge_category,
    case
        when line_item_line_item_type = 'Refund'
            and {timestamp_usage_start} < {timestamp_billing_start} then 'Correction'
    end as charge_class,
    line_item_line_item_description as charge_description,
    case
        when is_recurring_fee and not is_unused then 'Recurring'
        when line_item_line_item_type in ('Fee', 'SavingsPlanUpfrontFee') then 'One-Time'
        else 'Usage-Based'
    end as charge_frequency,
    {timestamp_usage_end} as charge_period_end,
    {timestamp_usage_start} as charge_period_start,
    case
        when savings_plan_savings_plan_a_r_n <> '' then 'Spend'
        when reservation_reservation_a_r_n <> '' then 'Usage'
    end as commitment_discount_category,
    coalesce(nullif(savings_plan_savings_plan_a_r_n, ''), nullif(reservation_reservation_a_r_n, ''))
        as commitment_discount_id,
    cast(null as varchar) as commitment_discount_name,
    case
        when line_item_line_item_type = 'SavingsPlanCoveredUsage' then {sp_effective}
        when line_item_line_item_type = 'DiscountedUsage' then {usage_amount}
    end as commitment_discount_quantity,
    case when is_covered then 'Used' when is_unused then 'Unused' end as commitment_discount_status,
    coalesce(nullif(savings_plan_offering_type, ''),
        case when reservation_reservation_a_r_n <> '' then 'Reserved Instance' end)
        as commitment_discount_type,
    case when line_item_line_item_type = 'SavingsPlanCoveredUsage' then line_item_currency_code
        when line_item_line_item_type = 'DiscountedUsage' then 'Hours' end
        as commitment_discount_unit,
    cast(null as varchar) as commitment_program_eligibility_details,
    case when not is_unused and line_item_line_item_type <> 'Tax' then {usage_amount} end
        as consumed_quantity,
    case when not is_unused and line_item_line_item_type <> 'Tax' then pricing_unit end
        as consumed_unit,
    cast(null as varchar) as contract_applied,
    case when is_unused then 0 else {cost_bill} end as contracted_cost,
    {unblended_rate} as contracted_unit_price,
    case line_item_line_item_type
        when 'DiscountedUsage' then {ri_effective}
        when 'SavingsPlanCoveredUsage' then {sp_effective}
        when 'RIFee' then case when is_unused then {ri_unused} else 0 end
        when 'SavingsPlanRecurringFee' then case when is_unused then {sp_unused} else 0 end
        when 'SavingsPlanUpfrontFee' then 0
        else {cost_bill}
    end as effective_cost,
    'AWS' as host_provider_name,
    cast(null as varchar) as invoice_detail_id,
    nullif(bill_invoice_id, '') as invoice_id,
    bill_invoicing_entity as invoice_issuer_name,
    {list_cost} as list_cost,
    {list_rate} as list_unit_price,
    case
        when is_unused or is_covered then 'Committed'
        when contains(line_item_usage_type, 'Spot') then 'Dynamic'
        when line_item_line_item_type <> 'Tax' then 'Standard'
    end as pricing_category,
    pricing_currency,
    {unblended_rate} as pricing_currency_contracted_unit_price,
    cast(null as decimal(38, 16)) as pricing_currency_effective_cost,
    {list_rate} as pricing_currency_list_unit_price,
    case when line_item_line_item_type <> 'Tax' then {usage_amount} end as pricing_quantity,
    case when line_item_line_item_type <> 'Tax' then pricing_unit end as pricing_unit,
    product_region_code as region_id,
    product_location as region_name,
    nullif(line_item_resource_id, '') as resource_id,
    split_part(line_item_resource_id, '/', -1) as resource_name,
    split_part(line_item_resource_id, ':', 3) as resource_type,
    'Compute' as service_category,
    coalesce({product_name}, line_item_product_code) as service_name,
    line_item_legal_entity as service_provider_name,
    'Virtual Machines' as service_subcategory,
    product_sku as sku_id,
    line_item_usage_type as sku_meter,
    case when product_instance_type <> '' then
        '{{"InstanceType":"' || product_instance_type || '"}}'
    end as sku_price_details,
    pricing_rate_code as sku_price_id,
    line_item_usage_account_id as sub_account_id,
    line_item_usage_account_name as sub_account_name,
    'Account' as sub_account_type,
    {tags} as tags
from charges
