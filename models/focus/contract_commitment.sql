-- One row per contract commitment: what was promised, for how long and how it is paid. Commitments
-- that no delivery describes are derived from the charges that name them; unknown facts are NULL.
with delivered as (

    -- Every delivery repeats the commitments: the newest description holds.
    select *
    from {{ ref('stg_focus__contract_commitment') }}
    qualify
        row_number() over (
            partition by contract_commitment_id, billing_currency
            order by
                billing_period desc, contract_commitment_last_updated desc nulls last,
                source_name asc, source_file asc, source_row asc
        ) = 1

),

derived as (

    select * from {{ ref('derived_contract_commitments') }}

),

both_origins as (

    select
        billing_currency,
        cast(contract_commitment_applicability as string) as contract_commitment_applicability,
        contract_commitment_benefit_category,
        contract_commitment_category,
        contract_commitment_cost,
        contract_commitment_created,
        contract_commitment_description,
        contract_commitment_discount_percentage,
        contract_commitment_duration_type,
        contract_commitment_fulfillment_interval,
        contract_commitment_id,
        contract_commitment_last_updated,
        contract_commitment_lifecycle_status,
        contract_commitment_model,
        contract_commitment_offer_category,
        contract_commitment_payment_interval,
        contract_commitment_payment_model,
        contract_commitment_payment_upfront_percentage,
        contract_commitment_period_end,
        contract_commitment_period_start,
        contract_commitment_quantity,
        contract_commitment_type,
        contract_commitment_unit,
        contract_id,
        contract_period_end,
        contract_period_start,
        invoice_issuer_name,
        pricing_currency,
        pricing_currency_contract_commitment_cost,
        service_provider_name,
        source_name as x_source_names,
        'delivered' as x_origin
    from delivered
    union all
    select derived.*
    from derived
    left join delivered
        on
            derived.contract_commitment_id = delivered.contract_commitment_id
            and derived.billing_currency = delivered.billing_currency
    where delivered.contract_commitment_id is null

)

select
    billing_currency,
    contract_commitment_applicability,
    contract_commitment_benefit_category,
    contract_commitment_category,
    {{ money('contract_commitment_cost') }} as contract_commitment_cost,
    contract_commitment_created,
    contract_commitment_description,
    {{ quantity('contract_commitment_discount_percentage') }}
        as contract_commitment_discount_percentage,
    contract_commitment_duration_type,
    contract_commitment_fulfillment_interval,
    contract_commitment_id,
    contract_commitment_last_updated,
    contract_commitment_lifecycle_status,
    contract_commitment_model,
    contract_commitment_offer_category,
    contract_commitment_payment_interval,
    contract_commitment_payment_model,
    {{ quantity('contract_commitment_payment_upfront_percentage') }}
        as contract_commitment_payment_upfront_percentage,
    contract_commitment_period_end,
    contract_commitment_period_start,
    {{ quantity('contract_commitment_quantity') }} as contract_commitment_quantity,
    contract_commitment_type,
    contract_commitment_unit,
    contract_id,
    contract_period_end,
    contract_period_start,
    invoice_issuer_name,
    pricing_currency,
    {{ money('pricing_currency_contract_commitment_cost') }}
        as pricing_currency_contract_commitment_cost,
    service_provider_name,
    x_source_names,
    x_origin
from both_origins
