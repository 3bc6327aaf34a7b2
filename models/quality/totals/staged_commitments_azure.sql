-- One row per source, billing period, billing account, currency and commitment: what the Azure bill
-- itself says was paid for, used and covered. A monthly fee is a twelfth or so of the term, its use
-- is counted by the hour: what months of different length leave between them is the residual.
with commitments as (

    select * from {{ ref('int_azure_commitments__collected') }}
    where {{ rebuild_predicate('source_name', 'billing_period') }}

)

select
    source_name,
    billing_period,
    payer_id as billing_account_id,
    billing_currency,
    commitment_id as commitment_discount_id,
    -- Without a fee in the period the commitment was paid ahead: its share is what its use takes.
    {{ money(
        'case when recurring_fee_cost <> 0 then recurring_fee_cost else used_cost + unused_cost end'
    ) }} as fee_cost,
    {{ money(
        'case when has_amortized then used_cost + unused_cost else recurring_fee_cost end'
    ) }} as stated_commitment_cost,
    used_cost as stated_used_cost,
    used_cost as covered_cost
from commitments
