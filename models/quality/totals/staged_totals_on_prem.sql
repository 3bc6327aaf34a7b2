-- One row per source, billing period, billing account, currency, native charge type and kind: what
-- on-prem staging holds. Each landed card is read for it once, when it is new.
with card_months as (

    select * from {{ ref('stg_on_prem__rate_card_months') }}
    where {{ rebuild_predicate('source_name', 'billing_period') }}

)

select
    source_name,
    billing_period,
    billing_account_id,
    currency_code as billing_currency,
    'Accrual' as charge_type,
    case when flat_cost <> 0 then 'flat_price' else 'parts' end as charge_kind,
    'A line gives a row per node and hour, none of its own.' as drop_reason,
    count(*) as staged_rows,
    -- Nobody invoices it.
    {{ money('0') }} as staged_cost,
    {{ money('sum(accrued_cost)') }} as stated_effective_cost
from card_months
group by
    source_name, billing_period, billing_account_id, currency_code,
    case when flat_cost <> 0 then 'flat_price' else 'parts' end
