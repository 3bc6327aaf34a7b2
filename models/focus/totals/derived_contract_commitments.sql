{# Exception to the folder: small, and every period may add to the same commitment. #}
{{ config(materialized='view') }}

-- One row per commitment and currency that charges name: as much of FOCUS Contract Commitment as
-- their bills tell. What a bill does not tell is NULL, whatever the specification asks for.
with charged as (

    select
        billing_currency,
        commitment_discount_id,
        min(source_kind) as source_kind,
        max(commitment_discount_category) as commitment_discount_category,
        max(commitment_discount_type) as commitment_discount_type,
        max(commitment_discount_name) as commitment_discount_name,
        max(invoice_issuer_name) as invoice_issuer_name,
        max(service_provider_name) as service_provider_name,
        max(pricing_currency) as pricing_currency
    from {{ ref('charged_commitments') }}
    group by billing_currency, commitment_discount_id

),

-- Until when the bills tell of it: nothing here depends on today's date.
named_by as (

    select distinct billing_currency, commitment_discount_id, source_name
    from {{ ref('charged_commitments') }}

),

source_reach as (

    select
        source_name,
        max(cast({{ dbt.dateadd('day', 1, 'charge_date') }} as timestamp)) as reached_at
    from {{ ref('charged_days') }}
    group by source_name

),

witnesses as (

    select
        named_by.billing_currency,
        named_by.commitment_discount_id,
        {{ ordered_list_text('named_by.source_name', '; ', 'named_by.source_name') }}
            as source_names,
        max(source_reach.reached_at) as reached_at
    from named_by
    left join source_reach on named_by.source_name = source_reach.source_name
    group by named_by.billing_currency, named_by.commitment_discount_id

),

-- The newest month's bill describes a commitment that was exchanged as it is now.
described as (

    select *
    from {{ ref('described_commitments') }}
    qualify
        row_number() over (
            partition by billing_currency, commitment_discount_id
            order by committed_cost is null, billing_period desc, source_name asc
        ) = 1

),

products as (

    select * from {{ ref('commitment_products') }}

)

select
    charged.billing_currency,
    -- What a commitment may cover stands in its terms, not on the bill.
    cast(null as string) as contract_commitment_applicability,
    products.benefit_category as contract_commitment_benefit_category,
    charged.commitment_discount_category as contract_commitment_category,
    described.committed_cost as contract_commitment_cost,
    cast(null as timestamp) as contract_commitment_created,
    coalesce(described.description, charged.commitment_discount_name)
        as contract_commitment_description,
    cast(null as decimal(38, 12)) as contract_commitment_discount_percentage,
    described.duration_type as contract_commitment_duration_type,
    products.fulfillment_interval as contract_commitment_fulfillment_interval,
    charged.commitment_discount_id as contract_commitment_id,
    cast(null as timestamp) as contract_commitment_last_updated,
    case
        when described.term_start_at > witnesses.reached_at then 'Pending'
        when described.term_end_at <= witnesses.reached_at then 'Expired'
        when described.term_start_at <= witnesses.reached_at and described.term_end_at is not null
            then 'Active'
    end as contract_commitment_lifecycle_status,
    products.commitment_model as contract_commitment_model,
    products.offer_category as contract_commitment_offer_category,
    case described.payment_model
        when 'All Upfront' then 'One-Time'
        when 'Partial Upfront' then 'Monthly'
        when 'No Upfront' then 'Monthly'
    end as contract_commitment_payment_interval,
    described.payment_model as contract_commitment_payment_model,
    {{ quantity('round(described.upfront_ratio, 6)') }}
        as contract_commitment_payment_upfront_percentage,
    described.term_end_at as contract_commitment_period_end,
    described.term_start_at as contract_commitment_period_start,
    described.committed_quantity as contract_commitment_quantity,
    charged.commitment_discount_type as contract_commitment_type,
    described.committed_unit as contract_commitment_unit,
    -- Bought on its own, a commitment is a contract on its own: see contract_applied of its
    -- charges.
    charged.commitment_discount_id as contract_id,
    described.term_end_at as contract_period_end,
    described.term_start_at as contract_period_start,
    charged.invoice_issuer_name,
    charged.pricing_currency,
    case
        when charged.pricing_currency = charged.billing_currency then described.committed_cost
    end as pricing_currency_contract_commitment_cost,
    charged.service_provider_name,
    witnesses.source_names as x_source_names,
    'derived' as x_origin
from charged
inner join witnesses
    on
        charged.billing_currency = witnesses.billing_currency
        and charged.commitment_discount_id = witnesses.commitment_discount_id
left join described
    on
        charged.billing_currency = described.billing_currency
        and charged.commitment_discount_id = described.commitment_discount_id
left join products
    on
        charged.source_kind = products.source_kind
        and charged.commitment_discount_category = products.commitment_category
