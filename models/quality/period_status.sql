-- One row per source and billing period: how far the delivered bill has come, and so whether its
-- figures may still move. Nothing here depends on the day on which it is computed.
with landed_periods as (

    select
        source_name,
        billing_period,
        max(source_kind) as source_kind,
        cast({{ dbt.concat(['billing_period', "'-01'"]) }} as date) as billing_month,
        max(delivered_at) as delivered_at,
        sum(landed_rows) as landed_rows,
        sum(quarantined_rows) as quarantined_rows
    from {{ ref('ledger') }}
    where is_current and counts_as in ('billed', 'effective')
    group by source_name, billing_period

),

calendar as (

    select
        *,
        cast({{ dbt.dateadd('month', 1, 'billing_month') }} as date) as next_month,
        max(billing_month) over (partition by source_name) as newest_month
    from landed_periods

),

-- The day on which metering stands: complete days lie before it. A charge that runs past the
-- month's end does not add a day.
metered as (

    select
        charge_days.source_name,
        charge_days.billing_period,
        min(charge_days.charge_date) as first_day,
        least(
            cast(max(charge_days.last_charge_end) as date), max(calendar.next_month)
        ) as metered_until,
        count(*) as days_present
    from {{ ref('charge_days') }} as charge_days
    inner join calendar
        on
            charge_days.source_name = calendar.source_name
            and charge_days.billing_period = calendar.billing_period
    group by charge_days.source_name, charge_days.billing_period

),

-- What rounding leaves over is ours, not the provider's, and has no invoice.
invoiced as (

    select
        source_name,
        billing_period,
        sum(invoiced_rows) as invoiced_rows,
        sum(focus_rows) as focus_rows,
        max(sum(invoiced_rows)) over (partition by source_name) > 0 as names_invoices
    from {{ ref('focus_totals') }}
    where source_part <> 'rounding'
    group by source_name, billing_period

),

-- Sources that never name an invoice are settled when their metering has gone on for long enough.
settling as (

    select
        calendar.source_name,
        calendar.billing_period,
        {{ dbt.datediff('max(calendar.next_month)', 'max(metered.metered_until)', 'day') }}
        >= max(policy.settling_days) as is_settled
    from calendar
    inner join {{ ref('settling_days') }} as policy
        on calendar.source_kind = policy.source_kind
    inner join metered on calendar.source_name = metered.source_name
    group by calendar.source_name, calendar.billing_period

),

locked_periods as (

    select source_name, billing_period
    from {{ source('raw_ops', 'closed_periods') }}

),

joined as (

    select
        calendar.source_name,
        calendar.billing_period,
        calendar.billing_month,
        calendar.delivered_at,
        calendar.quarantined_rows,
        metered.first_day,
        case
            when metered.metered_until > metered.first_day
                then cast({{ dbt.dateadd('day', -1, 'metered.metered_until') }} as date)
        end as last_complete_day,
        {{ dbt.datediff('calendar.billing_month', 'calendar.next_month', 'day') }} as days_expected,
        coalesce(metered.days_present, 0) as days_present,
        coalesce(metered.metered_until = calendar.next_month, false) as is_metered_to_the_end,
        coalesce(calendar.delivered_at >= calendar.next_month, false)
        or calendar.billing_month < calendar.newest_month as is_over,
        invoiced.focus_rows - invoiced.invoiced_rows as uninvoiced_rows,
        {{ ratio('invoiced.invoiced_rows', 'invoiced.focus_rows') }} as invoice_issued_ratio,
        coalesce(settling.is_settled and not invoiced.names_invoices, false) as is_settled,
        locked_periods.source_name is not null as is_locked
    from calendar
    left join metered
        on
            calendar.source_name = metered.source_name
            and calendar.billing_period = metered.billing_period
    left join invoiced
        on
            calendar.source_name = invoiced.source_name
            and calendar.billing_period = invoiced.billing_period
    left join settling
        on
            calendar.source_name = settling.source_name
            and calendar.billing_period = settling.billing_period
    left join locked_periods
        on
            calendar.source_name = locked_periods.source_name
            and calendar.billing_period = locked_periods.billing_period

)

select
    -- identity
    source_name,
    billing_period,
    billing_month,
    case
        when is_locked then 'locked'
        -- Purchases are invoiced at once, so an open month can be wholly invoiced too: the bill has
        -- to be past its end as well, by its metering, its delivery or a later month.
        when uninvoiced_rows = 0 and (is_metered_to_the_end or is_over) then 'final'
        when is_settled then 'final'
        when is_metered_to_the_end then 'provisional'
        else 'open'
    end as status,
    -- time
    delivered_at,
    first_day,
    last_complete_day,
    cast(days_expected as bigint) as days_expected,
    cast(days_present as bigint) as days_present,
    -- volume
    cast(uninvoiced_rows as bigint) as uninvoiced_rows,
    cast(quarantined_rows as bigint) as quarantined_rows,
    invoice_issued_ratio
from joined
