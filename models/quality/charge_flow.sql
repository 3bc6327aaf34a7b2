-- One row per source, billing period, billing account, currency and native charge type: raw lines
-- and cost in the bill, rows and cost in FOCUS, and which lines give no row by which rule.
with staged as (

    select * from {{ ref('staged_totals') }}

),

focus_totals as (

    select * from {{ ref('focus_totals') }}

),

-- One branch per side, with zeros for the other: a type that only one side has keeps its row, and a
-- missing account or currency compares equal to itself.
both_sides as (

    select
        source_name,
        billing_period,
        billing_account_id,
        billing_currency,
        charge_type,
        drop_reason,
        staged_rows,
        case when drop_reason is not null then staged_rows else 0 end as dropped_rows,
        0 as represented_rows,
        0 as focus_rows,
        staged_cost,
        case when drop_reason is not null then staged_cost else 0 end as dropped_cost,
        0 as focus_billed_cost,
        0 as focus_effective_cost,
        0 as misplaced_cost,
        0 as rounding_cost
    from staged
    union all
    select
        source_name,
        billing_period,
        billing_account_id,
        billing_currency,
        charge_type,
        null as drop_reason,
        0 as staged_rows,
        0 as dropped_rows,
        case
            when source_part in ('charge', 'split_remainder') then focus_rows else 0
        end as represented_rows,
        focus_rows,
        0 as staged_cost,
        0 as dropped_cost,
        billed_cost as focus_billed_cost,
        effective_cost as focus_effective_cost,
        misplaced_cost,
        case when source_part = 'rounding' then billed_cost else 0 end as rounding_cost
    from focus_totals

)

select
    source_name,
    billing_period,
    billing_account_id,
    billing_currency,
    charge_type,
    max(drop_reason) as drop_reason,
    cast(sum(staged_rows) as bigint) as staged_rows,
    cast(sum(dropped_rows) as bigint) as dropped_rows,
    cast(sum(represented_rows) as bigint) as represented_rows,
    cast(sum(focus_rows - represented_rows) as bigint) as synthesised_rows,
    cast(sum(focus_rows) as bigint) as focus_rows,
    {{ money('sum(staged_cost)') }} as staged_cost,
    {{ money('sum(dropped_cost)') }} as dropped_cost,
    {{ money('sum(focus_billed_cost)') }} as focus_billed_cost,
    {{ money('sum(focus_effective_cost)') }} as focus_effective_cost,
    {{ money('sum(misplaced_cost)') }} as misplaced_cost,
    {{ money('sum(rounding_cost)') }} as rounding_cost
from both_sides
group by source_name, billing_period, billing_account_id, billing_currency, charge_type
