-- One row per source, billing period, billing account, currency, native charge type and kind: what
-- native FOCUS exports hold in staging. Each landed file is read for it once, when it is new.
with charges as (

    select * from {{ ref('stg_focus__cost_and_usage') }}
    where {{ rebuild_predicate('source_name', 'billing_period') }}

)

select
    source_name,
    billing_period,
    billing_account_id,
    billing_currency,
    charge_category as charge_type,
    concat_ws(
        '_', lower(charge_class), lower(charge_category), lower(commitment_discount_status)
    ) as charge_kind,
    -- Every row of a FOCUS export is a charge of its own.
    cast(null as string) as drop_reason,
    count(*) as staged_rows,
    {{ money('sum(billed_cost)') }} as staged_cost,
    -- The mapping shows billed cost where a row states no effective cost, and says so.
    {{ money('sum(coalesce(effective_cost, billed_cost))') }} as stated_effective_cost
from charges
group by
    source_name, billing_period, billing_account_id, billing_currency, charge_category,
    charge_class, commitment_discount_status
