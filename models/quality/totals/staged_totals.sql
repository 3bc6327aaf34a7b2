-- One row per source, billing period, billing account, currency, native charge type and kind: what
-- staging holds. Each landed file is read for it once, when it is new.
with line_items as (

    select * from {{ ref('int_aws_line_items__classified') }}
    where {{ rebuild_predicate('source_name', 'billing_period') }}

)

select
    source_name,
    billing_period,
    payer_account_id as billing_account_id,
    currency_code as billing_currency,
    line_item_type as charge_type,
    charge_kind,
    count(*) as staged_rows,
    {{ money('sum(unblended_cost)') }} as staged_cost,
    {{ money('sum(charged_cost)') }} as charged_cost
from line_items
group by
    source_name, billing_period, payer_account_id, currency_code, line_item_type, charge_kind
