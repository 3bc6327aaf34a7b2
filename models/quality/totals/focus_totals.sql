-- One row per source, billing period, billing account, currency, native charge type and part of the
-- raw line: what FOCUS holds. Read once per changed period; every balance below adds these up.
with charges as (

    select * from {{ ref('cost_and_usage') }}
    where {{ rebuild_predicate('x_source_name', 'x_billing_period') }}

)

select
    x_source_name as source_name,
    x_billing_period as billing_period,
    billing_account_id,
    billing_currency,
    x_charge_type as charge_type,
    x_source_part as source_part,
    count(*) as focus_rows,
    count(invoice_id) as invoiced_rows,
    {{ money('sum(billed_cost)') }} as billed_cost,
    {{ money('sum(effective_cost)') }} as effective_cost,
    -- What a row bills though a commitment pays for it, or costs otherwise than it bills though
    -- none does. The fee of a commitment costs nothing itself; rounding rows have their own law.
    cast(sum(
        case
            when x_source_part = 'rounding' then 0
            -- What one file of an Azure bill holds and the other does not is never billed here.
            when x_source_part in ('amortized_difference', 'amortized_only') then abs(billed_cost)
            -- A FOCUS export states both itself: effective_reconciliation compares it.
            when x_source_kind = 'focus' then 0
            -- Nobody invoices what a company's own machines cost.
            when x_source_part = 'accrued_hour' then abs(billed_cost)
            when commitment_discount_status is not null then abs(billed_cost)
            when commitment_discount_id is not null and effective_cost = 0 then 0
            else abs(effective_cost - billed_cost)
        end
    ) as decimal(38, 16)) as misplaced_cost
from charges
group by
    x_source_name, x_billing_period, billing_account_id, billing_currency, x_charge_type,
    x_source_part
