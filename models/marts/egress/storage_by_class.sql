-- One row per source, billing period, currency, provider, billing account, sub account, region,
-- resource, kind, tier, content class, team and project: gigabyte-months, cost, age, access.
{% set who = [
    'provider', 'billing_account_id', 'sub_account_id', 'region_id', 'resource_id', 'thing_name',
    'copy_name', 'storage_kind', 'storage_tier', 'content_class', 'data_set', 'model', 'team',
    'project', 'owner_class'
] %}
with kept as (

    select
        stored.*,
        keys.billing_currency,
        {{ inventory_provider(
            'keys.source_kind', 'keys.service_provider_name', 'keys.host_provider_name'
        ) }} as provider,
        keys.billing_account_id,
        keys.sub_account_id,
        keys.region_id,
        keys.resource_id
    from {{ ref('stored_data') }} as stored
    inner join {{ ref('attribution_keys') }} as keys
        on
            stored.source_name = keys.source_name
            and stored.billing_period = keys.billing_period
            and stored.attribution_key = keys.attribution_key

),

sized as (

    select
        kept.source_name,
        kept.billing_period,
        kept.billing_currency,
        {% for column in who %}kept.{{ column }}, {% endfor %}
        {{ quantity('sum(' ~ gigabytes('daily.consumed_quantity', 'units.factor') ~ ')') }}
            as gigabyte_months,
        {{ money('sum(daily.billed_cost)') }} as billed_cost,
        {{ money('sum(daily.effective_cost)') }} as effective_cost,
        min(daily.charge_date) as first_charged_on,
        max(daily.charge_date) as last_charged_on
    from kept
    inner join {{ ref('daily_costs') }} as daily
        on
            kept.source_name = daily.source_name
            and kept.billing_period = daily.billing_period
            and kept.attribution_key = daily.attribution_key
            and cast(daily.charge_date as timestamp) >= kept.valid_from
            and cast(daily.charge_date as timestamp) < kept.valid_to
    left join {{ ref('transfer_units') }} as units
        on daily.consumed_unit = units.consumed_unit and units.measure = 'gigabyte_months'
    group by
        kept.source_name,
        kept.billing_period,
        kept.billing_currency,
        {% for column in who %}kept.{{ column }}{{ ', ' if not loop.last }}{% endfor %}

),

-- Whoever charges for requests or reads says which buckets were used; capacity alone does not.
used as (

    select distinct keys.source_name, keys.billing_period, keys.resource_id
    from {{ ref('attribution_keys') }} as keys
    left join {{ ref('stored_data') }} as stored
        on
            keys.source_name = stored.source_name
            and keys.billing_period = stored.billing_period
            and keys.attribution_key = stored.attribution_key
    where
        stored.attribution_key is null
        and keys.service_category = 'Storage'
        and keys.charge_category = 'Usage'
        and keys.resource_id is not null

),

telling as (

    select distinct source_name, billing_period from used

),

seen as (

    select
        *,
        min(first_charged_on) over (partition by source_name, resource_id) as first_seen_on,
        min(first_charged_on) over (partition by source_name) as bill_begins_on
    from sized

)

select
    seen.source_name,
    seen.billing_period,
    seen.billing_currency,
    {% for column in who %}seen.{{ column }}, {% endfor %}
    seen.gigabyte_months,
    seen.billed_cost,
    seen.effective_cost,
    seen.first_seen_on,
    {{ dbt.datediff('seen.first_seen_on', 'seen.last_charged_on', 'day') }} as age_days,
    seen.first_seen_on = seen.bill_begins_on as is_older_than_the_bill,
    case
        when seen.storage_kind <> 'object' or seen.resource_id is null then 'unknown'
        when telling.source_name is null then 'unknown'
        when used.resource_id is not null then 'used'
        else 'no_use_billed'
    end as access_state,
    case
        when seen.storage_kind <> 'object' or seen.resource_id is null then null
        when telling.source_name is null then null
        else used.resource_id is null and seen.storage_tier = 'hot'
    end as is_cold_candidate
from seen
left join telling
    on seen.source_name = telling.source_name and seen.billing_period = telling.billing_period
left join used
    on
        seen.source_name = used.source_name
        and seen.billing_period = used.billing_period
        and seen.resource_id = used.resource_id
