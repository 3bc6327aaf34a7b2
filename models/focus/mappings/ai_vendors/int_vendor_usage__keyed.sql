-- One row per AI vendor, cost source, billing account, day, model, meter and key of comparison: how
-- much the usage exports count. The source is NULL where no cost of that account and day is landed.
with usage as (

    select * from {{ ref('int_vendor_usage__gathered') }}

),

days as (

    select * from {{ ref('int_vendor_days__compared') }}

),

keyed as (

    select
        usage.*,
        days.source_name as cost_source_name,
        {{ vendor_match_key('usage', 'days') }} as match_key
    from usage
    left join days
        on
            usage.provider = days.provider
            and usage.billing_period = days.billing_period
            and usage.account_id = days.account_id
            and usage.usage_date = days.charge_date

)

select
    provider,
    cost_source_name as source_name,
    billing_period,
    account_id,
    usage_date,
    coalesce(lower(model_id), '') as model_key,
    meter,
    match_key,
    max(model_id) as model_id,
    max(group_id) as group_id,
    max(service_tier) as service_tier,
    min(source_name) as usage_source_name,
    {{ quantity('sum(metered_quantity)') }} as metered_quantity
from keyed
group by
    provider, cost_source_name, billing_period, account_id, usage_date, lower(model_id), meter,
    match_key
