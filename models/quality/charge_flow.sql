-- One row per source, billing period, billing account, currency and native charge type: raw lines
-- and cost in the bill, rows and cost in FOCUS, and which lines give no row by which rule.
with staged_totals as (

    select * from {{ ref('staged_totals') }}

),

focus_totals as (

    select * from {{ ref('focus_totals') }}

),

charge_types as (

    select * from {{ ref('aws_charge_types') }}

),

-- A line is dropped by rule, never because its row happens to be missing.
staged as (

    select
        staged_totals.*,
        case
            when charge_types.is_dropped then charge_types.drop_reason
            when charge_types.is_dropped_when_net and staged_totals.has_net_costs
                then charge_types.drop_reason
        end as drop_reason
    from staged_totals
    left join charge_types on staged_totals.charge_type = charge_types.line_item_type

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
            when source_part in ('charge', 'split', 'split_remainder') then focus_rows else 0
        end as represented_rows,
        focus_rows,
        0 as staged_cost,
        0 as dropped_cost,
        billed_cost as focus_billed_cost,
        effective_cost as focus_effective_cost,
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
    cast(sum(staged_cost) as decimal(38, 16)) as staged_cost,
    cast(sum(dropped_cost) as decimal(38, 16)) as dropped_cost,
    cast(sum(focus_billed_cost) as decimal(38, 16)) as focus_billed_cost,
    cast(sum(focus_effective_cost) as decimal(38, 16)) as focus_effective_cost,
    cast(sum(rounding_cost) as decimal(38, 16)) as rounding_cost
from both_sides
group by source_name, billing_period, billing_account_id, billing_currency, charge_type
