-- One row per source, billing period, billing account, currency, native charge type and kind: what
-- Google Cloud staging holds. Credits are added up from the rows themselves, not from the mapping.
with billing_rows as (

    select
        source_name,
        billing_period,
        billing_account_id,
        currency_code,
        cost_type,
        charge_kind,
        gross_cost,
        credits
    from {{ ref('int_gcp_billing_rows__classified') }}
    where {{ rebuild_predicate('source_name', 'billing_period') }}

),

credited as (

    select
        *,
        {{ json_records('credits', ['amount']) }} as records
    from billing_rows
    where credits is not null

),

amounts as (

    select
        source_name,
        billing_period,
        billing_account_id,
        currency_code,
        cost_type,
        charge_kind,
        1 as staged_rows,
        gross_cost as staged_cost
    from billing_rows
    union all
    select
        credited.source_name,
        credited.billing_period,
        credited.billing_account_id,
        credited.currency_code,
        credited.cost_type,
        credited.charge_kind,
        0 as staged_rows,
        {{ money('exploded.record.amount') }} as staged_cost
    from credited
    {{ lateral_records('credited.records', 'exploded') }}

)

select
    source_name,
    billing_period,
    billing_account_id,
    currency_code as billing_currency,
    cost_type as charge_type,
    charge_kind,
    cast(null as string) as drop_reason,
    cast(sum(staged_rows) as bigint) as staged_rows,
    {{ money('sum(staged_cost)') }} as staged_cost,
    cast(null as decimal(38, 16)) as stated_effective_cost
from amounts
group by
    source_name, billing_period, billing_account_id, currency_code, cost_type, charge_kind
