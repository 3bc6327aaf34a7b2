-- One row per source, billing period, currency, billed resource and tag set: what it costs, under
-- the key that inventories know it by. Read once per changed period.
{{ config(pre_hook="{{ delete_queued('source_name', 'billing_period') }}") }}
with charges as (

    select
        x_source_name as source_name,
        x_billing_period as billing_period,
        {{ inventory_provider('x_source_kind', 'service_provider_name', 'host_provider_name') }}
            as provider,
        coalesce(allocated_resource_id, resource_id) as resource_id,
        case when allocated_resource_id is null then resource_type else 'pod' end as resource_type,
        case when allocated_resource_id is null then tags else allocated_tags end as tags,
        sub_account_id,
        service_name,
        charge_period_start,
        charge_period_end,
        billing_currency,
        billed_cost,
        effective_cost
    from {{ ref('cost_and_usage') }}
    where
        {{ rebuild_predicate('x_source_name', 'x_billing_period') }}
        and coalesce(allocated_resource_id, resource_id) is not null

),

keyed as (

    select
        *,
        {{ resource_key('provider', 'resource_id') }} as resource_key,
        {{ map_key('tags') }} as tags_key
    from charges

)

select
    source_name,
    billing_period,
    billing_currency,
    provider,
    resource_key,
    tags_key,
    min(resource_id) as resource_id,
    max(resource_type) as resource_type,
    max(sub_account_id) as sub_account_id,
    max(service_name) as service_name,
    any_value(tags) as tags,
    min(charge_period_start) as first_charge_at,
    max(charge_period_end) as last_charge_end_at,
    count(*) as charge_rows,
    {{ money('sum(billed_cost)') }} as billed_cost,
    {{ money('sum(effective_cost)') }} as effective_cost
from keyed
group by source_name, billing_period, billing_currency, provider, resource_key, tags_key
