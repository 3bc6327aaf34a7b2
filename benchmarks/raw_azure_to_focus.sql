-- The yardstick for Azure cost details: one statement, written by hand for speed, over the text of
-- both files (actual and amortized) of an MCA account; 65 FOCUS columns out. No lineage, no
-- repairs, no vocabulary, no checks, no comparison of the two files.
-- {source} is a table function over both; the other placeholders are casts.
create table cost_and_usage as
with told as (
    select
        *,
        nullif(rtrim(split_part(split_part(lower(benefitId), '/reservations/', 1),
            '/savingsplans/', 1), '/'), '') as commitment_id,
        pricingModel in ('Reservation', 'SavingsPlan') as is_committed,
        chargeType in ('UnusedReservation', 'UnusedSavingsPlan') as is_unused,
        {cost} as cost,
        {quantity} as quantity_used,
        {rate} as rate
    from {source}
),
-- The actual file bills; what commitments cover and leave idle costs what the amortized file says.
charges as (
    select
        *,
        is_committed and chargeType = 'Usage' as is_covered,
        is_committed and chargeType in ('Purchase', 'Refund') as is_fee,
        cast({list_price} * rate as decimal(38, 18)) as list_price,
        cast({contracted_price} * rate as decimal(38, 18)) as contracted_price,
        try_cast(regexp_extract(unitOfMeasure, '^[0-9]+') as decimal(18, 0))
        * case when contains(unitOfMeasure, 'K') then 1000 when contains(unitOfMeasure, 'M ')
            then 1000000 else 1 end as block_size
    from told
    where is_actual and not (is_committed and chargeType = 'Usage' and cost = 0)
        or not is_actual and (is_committed and chargeType = 'Usage' or is_unused)
)
select
    cast(null as varchar) as allocated_method_details,
    cast(null as varchar) as allocated_method_id,
    cast(null as varchar) as allocated_resource_id,
    cast(null as varchar) as allocated_resource_name,
    cast(null as map(varchar, varchar)) as allocated_tags,
    cast(null as varchar) as availability_zone,
    case when is_actual then cost else 0 end as billed_cost,
    billingProfileId as billing_account_id,
    billingProfileName as billing_account_name,
    'Billing Profile' as billing_account_type,
    billingCurrency as billing_currency,
    {period_end} + interval 1 day as billing_period_end,
    {period_start} as billing_period_start,
    cast(null as varchar) as capacity_reservation_id,
    cast(null as varchar) as capacity_reservation_status,
    case
        when chargeType = 'Usage' or is_unused then 'Usage'
        when chargeType in ('Purchase', 'Refund') then 'Purchase'
        when chargeType = 'Tax' then 'Tax'
        when chargeType = 'Credit' then 'Credit'
        else 'Adjustment'
    end as charge_category,
    case when chargeType = 'Refund' and {charge_date} < {period_start} then 'Correction' end
        as charge_class,
    ProductName as charge_description,
    case
        when chargeType = 'Usage' or is_unused then 'Usage-Based'
        when frequency = 'Recurring' then 'Recurring'
        else 'One-Time'
    end as charge_frequency,
    {charge_date} + interval 1 day as charge_period_end,
    {charge_date} as charge_period_start,
    case when is_committed then if(contains(commitment_id, 'billingbenefits'), 'Spend', 'Usage') end
        as commitment_discount_category,
    case when is_committed then commitment_id end as commitment_discount_id,
    case when is_committed then benefitName end as commitment_discount_name,
    case
        when is_covered and contains(commitment_id, 'billingbenefits')
            then cast(cost as decimal(38, 12))
        when is_covered or is_unused then cast(quantity_used as decimal(38, 12))
    end as commitment_discount_quantity,
    case when is_covered then 'Used' when is_unused then 'Unused' end as commitment_discount_status,
    case when is_committed
        then if(contains(commitment_id, 'billingbenefits'), 'Savings Plan', 'Reservation') end
        as commitment_discount_type,
    case when is_committed
        then if(contains(commitment_id, 'billingbenefits'), billingCurrency, 'Hours') end
        as commitment_discount_unit,
    cast(null as varchar) as commitment_program_eligibility_details,
    case when chargeType = 'Usage' then cast(quantity_used as decimal(38, 12)) end
        as consumed_quantity,
    case when chargeType = 'Usage' then unitOfMeasure end as consumed_unit,
    cast(null as varchar) as contract_applied,
    case
        when is_covered
            then cast(contracted_price * cast(quantity_used / block_size as decimal(26, 10))
                as decimal(38, 16))
        else cost
    end as contracted_cost,
    case when chargeType <> 'Tax' then contracted_price end as contracted_unit_price,
    case when is_fee then 0 else cost end as effective_cost,
    'Microsoft' as host_provider_name,
    cast(null as varchar) as invoice_detail_id,
    invoiceId as invoice_id,
    'Microsoft' as invoice_issuer_name,
    coalesce(nullif({list_cost}, 0), cost) as list_cost,
    case when chargeType <> 'Tax' then list_price end as list_unit_price,
    case
        when is_covered or is_unused then 'Committed'
        when pricingModel = 'Spot' then 'Dynamic'
        when chargeType in ('Usage', 'Purchase') then 'Standard'
    end as pricing_category,
    pricingCurrency as pricing_currency,
    cast({contracted_price} as decimal(38, 18)) as pricing_currency_contracted_unit_price,
    case when not is_fee then {cost_in_pricing_currency} end as pricing_currency_effective_cost,
    cast({list_price} as decimal(38, 18)) as pricing_currency_list_unit_price,
    cast(quantity_used / block_size as decimal(38, 12)) as pricing_quantity,
    unitOfMeasure as pricing_unit,
    resourceLocation as region_id,
    location as region_name,
    lower(ResourceId) as resource_id,
    split_part(lower(ResourceId), '/', -1) as resource_name,
    split_part(split_part(lower(ResourceId), '/providers/', 2), '/', 1)
    || '/' || split_part(split_part(lower(ResourceId), '/providers/', 2), '/', 2) as resource_type,
    'Compute' as service_category,
    meterCategory as service_name,
    case when publisherType = 'Marketplace' then publisherName else 'Microsoft' end
        as service_provider_name,
    'Virtual Machines' as service_subcategory,
    ProductId as sku_id,
    meterName as sku_meter,
    case when additionalInfo is not null then
        '{{"InstanceType":"' || json_extract_string(additionalInfo, '$.ServiceType')
        || '","CoreCount":' || json_extract_string(additionalInfo, '$.VCPUs') || '}}'
    end as sku_price_details,
    ProductId || '_' || meterId as sku_price_id,
    SubscriptionId as sub_account_id,
    subscriptionName as sub_account_name,
    'Subscription' as sub_account_type,
    cast(cast(tags as json) as map(varchar, varchar)) as tags
from charges
