-- One row per source, billing period, billing account, currency and commitment: what the Google
-- Cloud bill itself says was paid for: fees less what they give back, and what usage charges itself
-- under a commitment's prices. It does not say how much of a fee credits used.
with amounts as (

    select
        source_name,
        billing_period,
        billing_account_id,
        currency_code,
        commitment_id,
        fee_cost + offset_amount as fee_cost,
        0 as modelled_cost
    from {{ ref('int_gcp_fees__collected') }}
    where {{ rebuild_predicate('source_name', 'billing_period') }}
    union all
    select
        source_name,
        billing_period,
        billing_account_id,
        currency_code,
        commitment_id,
        0 as fee_cost,
        modelled_cost
    from {{ ref('int_gcp_usage__modelled') }}
    where has_fee and {{ rebuild_predicate('source_name', 'billing_period') }}

)

select
    source_name,
    billing_period,
    billing_account_id,
    currency_code as billing_currency,
    commitment_id as commitment_discount_id,
    {{ money('sum(fee_cost + modelled_cost)') }} as fee_cost,
    {{ money('sum(fee_cost + modelled_cost)') }} as stated_commitment_cost,
    {{ money('sum(modelled_cost)') }} as stated_used_cost,
    {{ money('sum(modelled_cost)') }} as covered_cost
from amounts
group by source_name, billing_period, billing_account_id, currency_code, commitment_id
