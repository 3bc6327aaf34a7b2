-- One row per source, billing period, billing account, currency, native charge type and kind: what
-- OpenAI staging holds. Each landed file is read for it once, when it is new.
with charges as (

    select * from {{ ref('int_openai_charges__classified') }}
    where {{ rebuild_predicate('source_name', 'billing_period') }}

)

select
    source_name,
    billing_period,
    account_id as billing_account_id,
    billing_currency,
    charge_type,
    charge_kind,
    cast(null as string) as drop_reason,
    count(*) as staged_rows,
    {{ money('sum(charged_cost)') }} as staged_cost,
    cast(null as decimal(38, 16)) as stated_effective_cost
from charges
group by
    source_name, billing_period, account_id, billing_currency, charge_type, charge_kind
