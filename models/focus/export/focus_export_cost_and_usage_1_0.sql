-- One row per charge, exactly as in cost_and_usage, in the 43 columns of FOCUS 1.0.
-- Up to 1.2 a cloud calls itself the provider of what others sell on its bill, and the seller the
-- publisher; since 1.3 the seller is the service provider.
with cost_and_usage as (

    select * from {{ ref('cost_and_usage') }}

)

select
    availability_zone as AvailabilityZone,
    billed_cost as BilledCost,
    billing_account_id as BillingAccountId,
    billing_account_name as BillingAccountName,
    billing_currency as BillingCurrency,
    billing_period_end as BillingPeriodEnd,
    billing_period_start as BillingPeriodStart,
    charge_category as ChargeCategory,
    charge_class as ChargeClass,
    charge_description as ChargeDescription,
    charge_frequency as ChargeFrequency,
    charge_period_end as ChargePeriodEnd,
    charge_period_start as ChargePeriodStart,
    commitment_discount_category as CommitmentDiscountCategory,
    commitment_discount_id as CommitmentDiscountId,
    commitment_discount_name as CommitmentDiscountName,
    commitment_discount_status as CommitmentDiscountStatus,
    commitment_discount_type as CommitmentDiscountType,
    consumed_quantity as ConsumedQuantity,
    consumed_unit as ConsumedUnit,
    contracted_cost as ContractedCost,
    contracted_unit_price as ContractedUnitPrice,
    effective_cost as EffectiveCost,
    invoice_issuer_name as InvoiceIssuerName,
    list_cost as ListCost,
    list_unit_price as ListUnitPrice,
    pricing_category as PricingCategory,
    pricing_quantity as PricingQuantity,
    pricing_unit as PricingUnit,
    case
        when x_source_kind like 'aws_%' then 'AWS'
        when x_source_kind like 'azure_%' then 'Microsoft'
        when x_source_kind like 'gcp_%' then 'Google Cloud'
        when x_source_changes like '%seller_from_publisher%'
            then coalesce(host_provider_name, service_provider_name)
        else service_provider_name
    end as ProviderName,
    service_provider_name as PublisherName,
    region_id as RegionId,
    region_name as RegionName,
    resource_id as ResourceId,
    resource_name as ResourceName,
    resource_type as ResourceType,
    service_category as ServiceCategory,
    service_name as ServiceName,
    sku_id as SkuId,
    sku_price_id as SkuPriceId,
    sub_account_id as SubAccountId,
    sub_account_name as SubAccountName,
    {{ json_from_map('tags') }} as Tags
from cost_and_usage
