-- One row per source, billing period, billing account and currency: the bill's total at every step
-- from the delivered file to FOCUS, and the gaps, which are exactly 0.
with landed_totals as (

    select * from {{ source('raw_ops', 'delivery_totals') }}
    where is_current and counts_as in ('billed', 'effective')

),

charge_flow as (

    select * from {{ ref('charge_flow') }}

),

-- One branch per side, each with zeros for the other: a side that lacks an account altogether
-- still gets its row, and a missing account or currency compares equal to itself.
both_sides as (

    select
        source_name,
        billing_period,
        billing_account_id,
        billing_currency,
        file_rows,
        quarantined_rows,
        landed_rows,
        0 as staged_rows,
        0 as dropped_rows,
        0 as represented_rows,
        0 as focus_rows,
        -- The same bill amortised is compared in effective_reconciliation: it never adds up here.
        case when counts_as = 'billed' then file_cost else 0 end as file_cost,
        case when counts_as = 'billed' then quarantined_cost else 0 end as quarantined_cost,
        case when counts_as = 'billed' then landed_cost else 0 end as landed_cost,
        0 as staged_cost,
        0 as focus_billed_cost,
        0 as rounding_cost
    from landed_totals
    union all
    select
        source_name,
        billing_period,
        billing_account_id,
        billing_currency,
        0 as file_rows,
        0 as quarantined_rows,
        0 as landed_rows,
        staged_rows,
        dropped_rows,
        represented_rows,
        focus_rows,
        0 as file_cost,
        0 as quarantined_cost,
        0 as landed_cost,
        staged_cost,
        focus_billed_cost,
        rounding_cost
    from charge_flow

),

totals as (

    select
        source_name,
        billing_period,
        billing_account_id,
        billing_currency,
        cast(sum(file_rows) as bigint) as file_rows,
        cast(sum(quarantined_rows) as bigint) as quarantined_rows,
        cast(sum(landed_rows) as bigint) as landed_rows,
        cast(sum(staged_rows) as bigint) as staged_rows,
        cast(sum(dropped_rows) as bigint) as dropped_rows,
        cast(sum(represented_rows) as bigint) as represented_rows,
        cast(sum(focus_rows) as bigint) as focus_rows,
        {{ money('sum(file_cost)') }} as file_cost,
        {{ money('sum(quarantined_cost)') }} as quarantined_cost,
        {{ money('sum(landed_cost)') }} as landed_cost,
        {{ money('sum(staged_cost)') }} as staged_cost,
        {{ money('sum(focus_billed_cost)') }} as focus_billed_cost,
        {{ money('sum(rounding_cost)') }} as rounding_cost
    from both_sides
    group by source_name, billing_period, billing_account_id, billing_currency

),

gaps as (

    select
        *,
        {{ money('file_cost - quarantined_cost - landed_cost') }} as file_gap,
        {{ money('landed_cost - staged_cost') }} as staging_gap,
        {{ money('staged_cost - focus_billed_cost') }} as focus_gap,
        {{ money('file_cost - quarantined_cost - focus_billed_cost') }} as gap,
        file_rows - quarantined_rows - landed_rows as file_row_gap,
        landed_rows - staged_rows as staging_row_gap,
        staged_rows - dropped_rows - represented_rows as focus_row_gap
    from totals

)

select
    *,
    case
        when
            gap <> 0 or file_gap <> 0 or staging_gap <> 0 or focus_gap <> 0
            or file_row_gap <> 0 or staging_row_gap <> 0 or focus_row_gap <> 0
            then 'gap'
        when quarantined_rows > 0 then 'reconciled_with_quarantine'
        else 'reconciled'
    end as status
from gaps
