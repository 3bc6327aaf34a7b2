{# Exception to full rebuilds: history that no delivery can bring back, so it is never dropped. #}
{{ config(
    materialized='incremental',
    full_refresh=false
) }}

-- One row per source, billing period and landed version: how complete the period was when that
-- version was first built. Written once and kept, so that a later restatement can be judged by it.
with period_status as (

    select * from {{ ref('period_status') }}

),

current_versions as (

    select distinct source_name, billing_period, version_id
    from {{ ref('ledger') }}
    where is_current and counts_as = 'billed'

)

select
    period_status.source_name,
    period_status.billing_period,
    current_versions.version_id,
    period_status.status,
    period_status.last_complete_day,
    period_status.invoice_issued_ratio,
    period_status.delivered_at
from period_status
inner join current_versions
    on
        period_status.source_name = current_versions.source_name
        and period_status.billing_period = current_versions.billing_period
{% if is_incremental() %}
left join {{ this }} as known
    on
        period_status.source_name = known.source_name
        and period_status.billing_period = known.billing_period
        and current_versions.version_id = known.version_id
where known.version_id is null
{% endif %}
