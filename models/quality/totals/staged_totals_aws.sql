-- One row per source, billing period, billing account, currency, native charge type and kind: what
-- AWS staging holds. Each landed file is read for it once, when it is new.
with line_items as (

    select * from {{ ref('int_aws_line_items__classified') }}
    where {{ rebuild_predicate('source_name', 'billing_period') }}

),

-- A line is dropped by rule, never because its row happens to be missing.
drop_rules as (

    select charge_kind, note
    from {{ ref('aws_charge_rules') }}
    where source_part = 'dropped'

)

select
    line_items.source_name,
    line_items.billing_period,
    line_items.payer_account_id as billing_account_id,
    line_items.currency_code as billing_currency,
    line_items.line_item_type as charge_type,
    line_items.charge_kind,
    max(drop_rules.note) as drop_reason,
    count(*) as staged_rows,
    {{ money('sum(line_items.unblended_cost)') }} as staged_cost,
    cast(null as decimal(38, 16)) as stated_effective_cost,
    {{ money('sum(line_items.charged_cost)') }} as charged_cost
from line_items
left join drop_rules on line_items.charge_kind = drop_rules.charge_kind
group by
    line_items.source_name, line_items.billing_period, line_items.payer_account_id,
    line_items.currency_code, line_items.line_item_type, line_items.charge_kind
