-- One row per source, billing period, billing account, currency, native charge type and kind: what
-- Azure staging holds, the actual file as cost, the amortized file as stated effective cost.
with charges as (

    select * from {{ ref('int_azure_charges__classified') }}
    where {{ rebuild_predicate('source_name', 'billing_period') }}

),

-- A row is dropped by rule, never because it happens to be missing.
drop_rules as (

    select charge_kind, note
    from {{ ref('azure_charge_rules') }}
    where source_part = 'dropped'

)

select
    charges.source_name,
    charges.billing_period,
    charges.payer_id as billing_account_id,
    charges.billing_currency,
    charges.native_charge_type as charge_type,
    charges.charge_kind,
    max(drop_rules.note) as drop_reason,
    count(*) as staged_rows,
    {{ money("sum(case when charges.dataset = 'actual' then charges.charged_cost else 0 end)") }}
        as staged_cost,
    {{ money("sum(case when charges.dataset = 'amortized' then charges.charged_cost end)") }}
        as stated_effective_cost
from charges
left join drop_rules on charges.charge_kind = drop_rules.charge_kind
group by
    charges.source_name, charges.billing_period, charges.payer_id, charges.billing_currency,
    charges.native_charge_type, charges.charge_kind
