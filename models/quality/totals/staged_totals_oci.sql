-- One row per source, billing period, billing account, currency, native charge type and kind: what
-- OCI staging holds. Each landed file is read for it once, when it is new.
with cost_lines as (

    select * from {{ ref('int_oci_cost_lines__classified') }}
    where {{ rebuild_predicate('source_name', 'billing_period') }}

),

rules as (

    select charge_kind, charge_type from {{ ref('oci_charge_rules') }}

)

select
    cost_lines.source_name,
    cost_lines.billing_period,
    cost_lines.subscription_id as billing_account_id,
    cost_lines.currency_code as billing_currency,
    rules.charge_type,
    cost_lines.charge_kind,
    -- Every line gives its row.
    cast(null as string) as drop_reason,
    count(*) as staged_rows,
    {{ money('sum(cost_lines.my_cost)') }} as staged_cost,
    cast(null as decimal(38, 16)) as stated_effective_cost
from cost_lines
left join rules on cost_lines.charge_kind = rules.charge_kind
group by
    cost_lines.source_name, cost_lines.billing_period, cost_lines.subscription_id,
    cost_lines.currency_code, rules.charge_type, cost_lines.charge_kind
