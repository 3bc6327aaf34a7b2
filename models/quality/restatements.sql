-- One row per source, billing period, billing account and currency of each delivery that replaced
-- an older one: what the bill said before, what it says since, and how settled it was before.
with ledger as (

    select * from {{ ref('ledger') }}
    where counts_as = 'billed'

),

delivery_totals as (

    select * from {{ source('raw_ops', 'delivery_totals') }}

),

period_history as (

    select * from {{ ref('period_history') }}

),

versions as (

    select
        source_name,
        billing_period,
        version_id,
        superseded_by,
        max(delivered_at) as delivered_at
    from ledger
    group by source_name, billing_period, version_id, superseded_by

),

replacements as (

    select
        older.source_name,
        older.billing_period,
        older.version_id as previous_version_id,
        newer.version_id,
        older.delivered_at as previous_delivered_at,
        newer.delivered_at
    from versions as older
    inner join versions as newer
        on
            older.source_name = newer.source_name
            and older.billing_period = newer.billing_period
            and older.superseded_by = newer.version_id

),

-- Both versions' totals side by side: an account that only one of them names keeps its row, with
-- its whole cost as the difference.
restated_totals as (

    select
        replacements.source_name,
        replacements.billing_period,
        delivery_totals.billing_account_id,
        delivery_totals.billing_currency,
        replacements.previous_version_id,
        replacements.version_id,
        replacements.previous_delivered_at,
        replacements.delivered_at,
        sum(case
            when delivery_totals.version_id = replacements.previous_version_id
                then delivery_totals.landed_rows
            else 0
        end) as previous_rows,
        sum(case
            when delivery_totals.version_id = replacements.version_id
                then delivery_totals.landed_rows
            else 0
        end) as restated_rows,
        sum(case
            when delivery_totals.version_id = replacements.previous_version_id
                then delivery_totals.landed_cost
            else 0
        end) as previous_cost,
        sum(case
            when delivery_totals.version_id = replacements.version_id
                then delivery_totals.landed_cost
            else 0
        end) as restated_cost
    from replacements
    inner join delivery_totals
        on
            replacements.source_name = delivery_totals.source_name
            and replacements.billing_period = delivery_totals.billing_period
            and delivery_totals.version_id
            in (replacements.previous_version_id, replacements.version_id)
    group by 1, 2, 3, 4, 5, 6, 7, 8

)

select
    -- identity
    restated_totals.source_name,
    restated_totals.billing_period,
    restated_totals.billing_account_id,
    restated_totals.billing_currency,
    restated_totals.previous_version_id,
    restated_totals.version_id,
    -- time
    restated_totals.previous_delivered_at,
    restated_totals.delivered_at,
    period_history.status as previous_status,
    coalesce(period_history.status in ('final', 'locked'), false) as was_final,
    -- volume
    cast(restated_totals.previous_rows as bigint) as previous_rows,
    cast(restated_totals.restated_rows as bigint) as restated_rows,
    -- money
    cast(restated_totals.previous_cost as decimal(38, 16)) as previous_cost,
    cast(restated_totals.restated_cost as decimal(38, 16)) as restated_cost,
    cast(
        restated_totals.restated_cost - restated_totals.previous_cost as decimal(38, 16)
    ) as cost_difference
from restated_totals
left join period_history
    on
        restated_totals.source_name = period_history.source_name
        and restated_totals.billing_period = period_history.billing_period
        and restated_totals.previous_version_id = period_history.version_id
