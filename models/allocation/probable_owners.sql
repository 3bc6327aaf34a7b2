-- One row per source, billing period, attribution key and interval without a team: who probably
-- answers for it and why. A guess for people to look at: nothing is ever charged to it.
with hinted as (

    select
        keys.source_name,
        keys.billing_period,
        keys.attribution_key,
        {{ inventory_provider(
            'keys.source_kind', 'keys.service_provider_name', 'keys.host_provider_name'
        ) }} as provider,
        keys.billing_currency,
        keys.effective_cost,
        hints.hint,
        hints.position,
        hints.minimum_share,
        regexp_replace(
            {{ ruled_value('hints.column_name', 'keys') }}, hints.removed_pattern, ''
        ) as hint_value
    from {{ ref('attribution_keys') }} as keys
    cross join {{ ref('coverage_owner_hints') }} as hints
    -- Names and tags on a share of a machine are the machine's, whoever uses the share.
    where
        keys.allocated_resource_id is null
        or hints.column_name like 'allocated%'
        or hints.column_name = 'sub_account_id'

),

owned as (

    select
        hinted.*,
        attributions.valid_from,
        attributions.team
    from hinted
    inner join {{ ref('key_attributions') }} as attributions
        on
            hinted.source_name = attributions.source_name
            and hinted.billing_period = attributions.billing_period
            and hinted.attribution_key = attributions.attribution_key
    where hinted.hint_value <> ''

),

-- What teams spend beside it: all months together, since habits change more slowly than bills.
neighbours as (

    select
        provider,
        billing_currency,
        hint,
        hint_value,
        team,
        sum(effective_cost) as effective_cost
    from owned
    where team is not null
    group by provider, billing_currency, hint, hint_value, team
    having sum(effective_cost) > 0

),

shares as (

    select
        *,
        {{ ratio(
            'effective_cost',
            'sum(effective_cost) over (partition by provider, billing_currency, hint, hint_value)'
        ) }} as share_of_neighbours
    from neighbours

)

select
    owned.source_name,
    owned.billing_period,
    owned.attribution_key,
    owned.valid_from,
    shares.team as probable_owner,
    owned.hint,
    owned.hint_value,
    owned.position,
    cast(round(shares.share_of_neighbours, 6) as decimal(18, 6)) as probable_owner_share
from owned
inner join shares
    on
        owned.provider = shares.provider
        and owned.billing_currency = shares.billing_currency
        and owned.hint = shares.hint
        and owned.hint_value = shares.hint_value
where owned.team is null and shares.share_of_neighbours >= owned.minimum_share
qualify
    row_number() over (
        partition by
            owned.source_name, owned.billing_period, owned.attribution_key, owned.valid_from
        order by owned.position, shares.share_of_neighbours desc, shares.team
    ) = 1
