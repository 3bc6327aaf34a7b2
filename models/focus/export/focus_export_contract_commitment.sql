-- One row per contract commitment, exactly as in contract_commitment,
-- under the column names of FOCUS 1.4.
with contract_commitment as (

    select * from {{ ref('contract_commitment') }}

)

select
    -- FOCUS 1.4
    billing_currency as BillingCurrency,
    {{ json_column('contract_commitment_applicability') }} as ContractCommitmentApplicability,
    contract_commitment_benefit_category as ContractCommitmentBenefitCategory,
    contract_commitment_category as ContractCommitmentCategory,
    contract_commitment_cost as ContractCommitmentCost,
    contract_commitment_created as ContractCommitmentCreated,
    contract_commitment_description as ContractCommitmentDescription,
    contract_commitment_discount_percentage as ContractCommitmentDiscountPercentage,
    contract_commitment_duration_type as ContractCommitmentDurationType,
    contract_commitment_fulfillment_interval as ContractCommitmentFulfillmentInterval,
    contract_commitment_id as ContractCommitmentId,
    contract_commitment_last_updated as ContractCommitmentLastUpdated,
    contract_commitment_lifecycle_status as ContractCommitmentLifecycleStatus,
    contract_commitment_model as ContractCommitmentModel,
    contract_commitment_offer_category as ContractCommitmentOfferCategory,
    contract_commitment_payment_interval as ContractCommitmentPaymentInterval,
    contract_commitment_payment_model as ContractCommitmentPaymentModel,
    contract_commitment_payment_upfront_percentage as ContractCommitmentPaymentUpfrontPercentage,
    contract_commitment_period_end as ContractCommitmentPeriodEnd,
    contract_commitment_period_start as ContractCommitmentPeriodStart,
    contract_commitment_quantity as ContractCommitmentQuantity,
    contract_commitment_type as ContractCommitmentType,
    contract_commitment_unit as ContractCommitmentUnit,
    contract_id as ContractId,
    contract_period_end as ContractPeriodEnd,
    contract_period_start as ContractPeriodStart,
    invoice_issuer_name as InvoiceIssuerName,
    pricing_currency as PricingCurrency,
    pricing_currency_contract_commitment_cost as PricingCurrencyContractCommitmentCost,
    service_provider_name as ServiceProviderName,
    -- ours
    x_source_names as x_SourceNames,
    x_origin as x_Origin
from contract_commitment
