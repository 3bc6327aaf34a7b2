-- One row per billing period, source, currency and endpoint of a model that is served in several
-- places: what it cost, how much it was asked, and what was paid for hours in which nobody asked.
with places as (

    select
        resources.source_name,
        resources.billing_period,
        resources.resource_key,
        max(keys.region_id) as region_id
    from {{ ref('billed_resources') }} as resources
    inner join {{ ref('attribution_keys') }} as keys
        on
            resources.source_name = keys.source_name
            and resources.billing_period = keys.billing_period
            and resources.attribution_key = keys.attribution_key
    group by resources.source_name, resources.billing_period, resources.resource_key

),

endpoints as (

    select
        hours.billing_period,
        hours.source_name,
        hours.billing_currency,
        hours.model,
        hours.provider,
        places.region_id,
        hours.resource_key,
        hours.serving_kind,
        max(hours.team) as team,
        count(*) as hours_billed,
        count(hours.requests) as hours_with_known_requests,
        {{ quantity('sum(hours.requests)') }} as requests,
        {{ money('sum(hours.effective_cost)') }} as effective_cost,
        {{ money('sum(hours.warm_idle_cost)') }} as warm_idle_cost
    from {{ ref('endpoints_hourly') }} as hours
    left join places
        on
            hours.source_name = places.source_name
            and hours.billing_period = places.billing_period
            and hours.resource_key = places.resource_key
    where hours.model is not null
    group by
        hours.billing_period, hours.source_name, hours.billing_currency, hours.model,
        hours.provider, places.region_id, hours.resource_key, hours.serving_kind

),

spread as (

    select
        billing_period,
        model,
        count(distinct concat(provider, '|', coalesce(region_id, ''))) as places
    from endpoints
    group by billing_period, model
    having count(distinct concat(provider, '|', coalesce(region_id, ''))) > 1

)

select
    endpoints.billing_period,
    endpoints.source_name,
    endpoints.billing_currency,
    endpoints.model,
    endpoints.provider,
    endpoints.region_id,
    endpoints.resource_key,
    endpoints.serving_kind,
    endpoints.team,
    spread.places,
    endpoints.hours_billed,
    endpoints.hours_with_known_requests,
    endpoints.requests,
    endpoints.effective_cost,
    endpoints.warm_idle_cost,
    row_number() over (
        partition by endpoints.billing_period, endpoints.model
        order by endpoints.requests desc nulls last, endpoints.resource_key
    ) = 1 as is_busiest
from endpoints
inner join spread
    on endpoints.billing_period = spread.billing_period and endpoints.model = spread.model
