-- One row per invoice issuer and billing period: whether the period is still open. An issuer's own
-- record is taken as it is; else the period is closed when every bill of the issuer is final.
with delivered as (

    select
        invoice_issuer_name,
        billing_period_start,
        billing_period_end,
        billing_period_status,
        billing_period_created,
        billing_period_last_updated,
        source_name,
        billing_period
    from {{ ref('stg_focus__billing_period') }}
    qualify
        row_number() over (
            partition by source_name, invoice_issuer_name, billing_period_start
            order by
                billing_period desc, billing_period_last_updated desc nulls last,
                source_file asc, source_row asc
        ) = 1

),

charged as (

    select distinct
        invoice_issuer_name, billing_period_start, billing_period_end, source_name, billing_period
    from {{ ref('charged_invoices') }}
    where invoice_issuer_name is not null

),

judged as (

    select
        charged.invoice_issuer_name,
        charged.billing_period_start,
        charged.billing_period_end,
        case when period_status.status in ('final', 'locked') then 'Closed' else 'Open' end
            as billing_period_status,
        cast(null as timestamp) as billing_period_created,
        period_status.delivered_at as billing_period_last_updated,
        charged.source_name,
        charged.billing_period
    from charged
    left join {{ ref('period_status') }} as period_status
        on
            charged.source_name = period_status.source_name
            and charged.billing_period = period_status.billing_period

),

both_origins as (

    select *, 'delivered' as origin from delivered
    union all
    select judged.*, 'derived' as origin
    from judged
    left join delivered
        on
            judged.invoice_issuer_name = delivered.invoice_issuer_name
            and judged.billing_period_start = delivered.billing_period_start
    where delivered.invoice_issuer_name is null

),

-- Bills of one issuer may stand differently: open while one of them is.
by_source as (

    select
        invoice_issuer_name,
        billing_period_start,
        source_name,
        origin,
        min(billing_period_created) as billing_period_created,
        max(billing_period_end) as billing_period_end,
        max(billing_period_last_updated) as billing_period_last_updated,
        max(billing_period_status) as billing_period_status
    from both_origins
    group by invoice_issuer_name, billing_period_start, source_name, origin

)

select
    min(billing_period_created) as billing_period_created,
    max(billing_period_end) as billing_period_end,
    max(billing_period_last_updated) as billing_period_last_updated,
    billing_period_start,
    -- 'Open' comes after 'Closed'.
    max(billing_period_status) as billing_period_status,
    invoice_issuer_name,
    {{ ordered_list_text('source_name', '; ', 'source_name') }} as x_source_names,
    max(origin) as x_origin
from by_source
group by invoice_issuer_name, billing_period_start
