-- One row per source, billing period, attribution key and interval of something that is kept: kind
-- and tier of storage, what it holds by its name, and the name that its copies share.
with stored as (

    -- What is counted in gigabyte-months is kept; requests and transfer of the same bucket are not.
    select distinct daily.source_name, daily.billing_period, daily.attribution_key
    from {{ ref('daily_costs') }} as daily
    inner join {{ ref('transfer_units') }} as units
        on daily.consumed_unit = units.consumed_unit and units.measure = 'gigabyte_months'

),

named as (

    select
        keys.source_name,
        keys.billing_period,
        keys.attribution_key,
        coalesce(keys.host_provider_name, keys.service_provider_name) as provider_name,
        concat_ws(
            ' | ', keys.x_usage_type, keys.sku_meter, keys.charge_description, keys.service_name
        ) as sku_text,
        -- The last part of an id is its name at every provider.
        lower(translate(
            coalesce(
                keys.resource_name,
                split_part(split_part(keys.resource_id, '/', -1), ':', -1),
                ''
            ),
            '_. ',
            '---'
        )) as thing_name
    from {{ ref('attribution_keys') }} as keys
    inner join stored
        on
            keys.source_name = stored.source_name
            and keys.billing_period = stored.billing_period
            and keys.attribution_key = stored.attribution_key
    where keys.charge_category = 'Usage'

),

-- Memory that caches or functions hold is counted alike and is no storage.
tiered as (

    select
        named.*,
        tiers.storage_kind,
        tiers.storage_tier
    from named
    inner join {{ ref('storage_tiers') }} as tiers
        on
            coalesce(tiers.provider_name, named.provider_name) = named.provider_name
            and {{ text_matches_pattern('named.sku_text', 'tiers.sku_pattern') }}
    qualify
        row_number() over (
            partition by named.source_name, named.billing_period, named.attribution_key
            order by tiers.position
        ) = 1

),

contents as (

    select
        tiered.source_name,
        tiered.billing_period,
        tiered.attribution_key,
        min_by(contents.content_class, contents.position) as content_class
    from tiered
    inner join {{ ref('storage_contents') }} as contents
        on {{ text_matches_pattern('tiered.thing_name', 'contents.pattern') }}
    group by tiered.source_name, tiered.billing_period, tiered.attribution_key

),

copy_words as (

    select {{ ordered_list_text('pattern', '|', 'rule') }} as pattern
    from {{ ref('copy_names') }}

)

select
    tiered.source_name,
    tiered.billing_period,
    tiered.attribution_key,
    attributions.valid_from,
    attributions.valid_to,
    tiered.storage_kind,
    tiered.storage_tier,
    tiered.thing_name,
    case
        when contents.content_class is not null then contents.content_class
        when attributions.data_set is not null then 'data_set'
        else 'unknown'
    end as content_class,
    {{ text_without('tiered.thing_name', 'copy_words.pattern') }} as copy_name,
    attributions.data_set,
    attributions.model,
    attributions.team,
    attributions.project,
    attributions.owner_class
from tiered
inner join {{ ref('key_attributions') }} as attributions
    on
        tiered.source_name = attributions.source_name
        and tiered.billing_period = attributions.billing_period
        and tiered.attribution_key = attributions.attribution_key
left join contents
    on
        tiered.source_name = contents.source_name
        and tiered.billing_period = contents.billing_period
        and tiered.attribution_key = contents.attribution_key
cross join copy_words
