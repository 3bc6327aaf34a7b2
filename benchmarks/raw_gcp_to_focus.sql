-- The yardstick for Google Cloud's billing export: one statement, written by hand for speed, over
-- the flat text of the delivered rows; 65 FOCUS columns out. Promotions become rows of their own;
-- the fee of a commitment stays where it is billed (spreading it is the product's work). No
-- lineage, no repairs, no vocabulary, no checks.
create table cost_and_usage as
with delivered as (
    select
        *,
        case when credits not in ('[]', 'null')
            then from_json(credits, '[{{"name":"VARCHAR","amount":"VARCHAR","type":"VARCHAR"}}]')
        end as credit_list,
        {cost} as gross_cost,
        cast({pricing_amount} as decimal(38, 12)) as native_quantity,
        {month} as month_start
    from {source}
),
netted as (
    select
        *,
        gross_cost + coalesce(list_sum(list_transform(
            list_filter(credit_list, lambda c: c.type not in ('PROMOTION', 'FREE_TIER')),
            lambda c: cast(c.amount as decimal(38, 16))
        )), 0) as net_cost,
        list_sum(list_transform(
            list_filter(credit_list, lambda c: c.type in ('PROMOTION', 'FREE_TIER')),
            lambda c: cast(c.amount as decimal(38, 16))
        )) as promotion
    from delivered
),
charges as (
    select *, false as is_credit, net_cost as amount from netted
    union all
    select *, true as is_credit, promotion as amount from netted where promotion <> 0
)
select
    cast(null as varchar) as allocated_method_details,
    cast(null as varchar) as allocated_method_id,
    cast(null as varchar) as allocated_resource_id,
    cast(null as varchar) as allocated_resource_name,
    cast(null as map(varchar, varchar)) as allocated_tags,
    "location.zone" as availability_zone,
    amount as billed_cost,
    billing_account_id,
    cast(null as varchar) as billing_account_name,
    'Billing Account' as billing_account_type,
    currency as billing_currency,
    month_start + interval 1 month + interval 7 hour as billing_period_end,
    month_start + interval 7 hour as billing_period_start,
    cast(null as varchar) as capacity_reservation_id,
    cast(null as varchar) as capacity_reservation_status,
    case
        when is_credit then 'Credit'
        when cost_type = 'tax' then 'Tax'
        when cost_type in ('adjustment', 'rounding_error') then 'Adjustment'
        when starts_with("sku.description", 'Commitment') then 'Purchase'
        else 'Usage'
    end as charge_category,
    case when "adjustment_info.id" is not null and {usage_start} < month_start + interval 7 hour
        then 'Correction' end as charge_class,
    "sku.description" as charge_description,
    case
        when starts_with("sku.description", 'Commitment') then 'Recurring'
        when cost_type = 'regular' then 'Usage-Based'
        else 'One-Time'
    end as charge_frequency,
    {usage_end} as charge_period_end,
    {usage_start} as charge_period_start,
    case when "subscription.instance_id" is not null then 'Spend' end
        as commitment_discount_category,
    "subscription.instance_id" as commitment_discount_id,
    cast(null as varchar) as commitment_discount_name,
    case when "subscription.instance_id" is not null then native_quantity end
        as commitment_discount_quantity,
    case when "consumption_model.applied_subscription_instance_id" is not null then 'Used' end
        as commitment_discount_status,
    case when "subscription.instance_id" is not null then 'Spend-based CUD' end
        as commitment_discount_type,
    case when "subscription.instance_id" is not null then currency end as commitment_discount_unit,
    cast(null as varchar) as commitment_program_eligibility_details,
    case when cost_type = 'regular' and not is_credit then native_quantity end as consumed_quantity,
    case when cost_type = 'regular' and not is_credit then "usage.pricing_unit" end
        as consumed_unit,
    cast(null as varchar) as contract_applied,
    case when is_credit then amount else coalesce({default_cost}, gross_cost) end
        as contracted_cost,
    case when not is_credit then {default_price} end as contracted_unit_price,
    amount as effective_cost,
    'Google Cloud' as host_provider_name,
    cast(null as varchar) as invoice_detail_id,
    cast(null as varchar) as invoice_id,
    seller_name as invoice_issuer_name,
    case when is_credit then amount else coalesce({list_cost}, gross_cost) end as list_cost,
    case when not is_credit then {list_price} end as list_unit_price,
    case
        when contains("sku.description", 'Preemptible') or starts_with("sku.description", 'Spot ')
            then 'Dynamic'
        when cost_type <> 'tax' then 'Standard'
    end as pricing_category,
    'USD' as pricing_currency,
    case when not is_credit then {default_price} end as pricing_currency_contracted_unit_price,
    cast(round(amount / {conversion_rate}, 12) as decimal(38, 16))
        as pricing_currency_effective_cost,
    case when not is_credit then {list_price} end as pricing_currency_list_unit_price,
    case when not is_credit
        then cast(native_quantity / {block_size} as decimal(38, 12)) end as pricing_quantity,
    case when not is_credit then "usage.pricing_unit" end as pricing_unit,
    "location.region" as region_id,
    "location.location" as region_name,
    coalesce("resource.global_name", "resource.name") as resource_id,
    "resource.name" as resource_name,
    split_part("resource.global_name", '/', -2) as resource_type,
    'Compute' as service_category,
    "service.description" as service_name,
    case when transaction_type like 'THIRD%' then seller_name else 'Google Cloud' end
        as service_provider_name,
    'Virtual Machines' as service_subcategory,
    "sku.id" as sku_id,
    "sku.description" as sku_meter,
    case when system_labels <> '[]' then
        '{{"InstanceType":"' || json_extract_string(system_labels, '$[0].value') || '"}}'
    end as sku_price_details,
    concat_ws('/', "sku.id", "price.tier_start_amount") as sku_price_id,
    "project.id" as sub_account_id,
    "project.name" as sub_account_name,
    case when "project.id" is not null then 'Project' end as sub_account_type,
    map_from_entries(
        {pairs_labels} || {pairs_project} || {pairs_tags}
    ) as tags
from charges
