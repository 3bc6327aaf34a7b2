-- One row per source, billing period, attribution key, governed key, tag of an inventory and time
-- that it held: tags of the resource itself, and as a parent's those of its account. What a first
-- snapshot shows is taken to have held before. Two tags that contradict each other at a time say
-- NULL. Owners change at midnight, so that the costs of a day have one: what a snapshot shows holds
-- from the start of its day.
with keys as (

    select
        source_name,
        billing_period,
        attribution_key,
        first_charge_at,
        last_charge_end_at,
        {{ inventory_provider('source_kind', 'service_provider_name', 'host_provider_name') }}
            as provider,
        coalesce(allocated_resource_id, resource_id) as resource_id,
        sub_account_id
    from {{ ref('attribution_keys') }}

),

histories as (

    select
        provider,
        resource_key,
        tag_key,
        tag_value,
        case when may_be_older then {{ open_start('null') }} else {{ day_start('valid_from') }} end
            as valid_from,
        {{ day_start(open_end('valid_to')) }} as valid_to,
        'inventory_tag' as decided_by
    from {{ ref('tag_history') }}
    union all
    select
        provider,
        account_key as resource_key,
        tag_key,
        tag_value,
        case when may_be_older then {{ open_start('null') }} else {{ day_start('valid_from') }} end
            as valid_from,
        {{ day_start(open_end('valid_to')) }} as valid_to,
        'parent' as decided_by
    from {{ ref('account_tag_history') }}

),

governed as (

    select
        histories.provider,
        histories.resource_key,
        histories.decided_by,
        tag_keys.governed_key,
        histories.valid_from,
        histories.valid_to,
        concat(histories.tag_key, '=', histories.tag_value) as evidence,
        case
            when governed_keys.vocabulary = 'open'
                then coalesce(known.value, trim(histories.tag_value))
            when known.agreed_values = 1 then known.value
        end as value
    from histories
    inner join {{ ref('tag_keys') }} as tag_keys
        on {{ tag_form('histories.tag_key') }} = {{ tag_form('tag_keys.alias') }}
    inner join {{ ref('governed_keys') }} as governed_keys
        on tag_keys.governed_key = governed_keys.governed_key
    left join {{ ref('tag_vocabulary') }} as known
        on
            tag_keys.governed_key = known.governed_key
            and {{ tag_form('histories.tag_value') }} = known.value_form
    where histories.tag_value <> '' and histories.valid_from < histories.valid_to

),

contradicted as (

    select distinct one.provider, one.resource_key, one.decided_by, one.governed_key, one.evidence
    from governed as one
    inner join governed as other
        on
            one.provider = other.provider
            and one.resource_key = other.resource_key
            and one.decided_by = other.decided_by
            and one.governed_key = other.governed_key
            and one.value is distinct from other.value
            and one.valid_from < other.valid_to
            and other.valid_from < one.valid_to

),

keyed as (

    select
        *,
        {{ resource_key('provider', 'resource_id') }} as named_key,
        'inventory_tag' as decided_by
    from keys
    where resource_id is not null
    union all
    select
        *,
        {{ resource_key('provider', 'sub_account_id') }} as named_key,
        'parent' as decided_by
    from keys
    where sub_account_id is not null

)

select
    keyed.source_name,
    keyed.billing_period,
    keyed.attribution_key,
    governed.governed_key,
    case when contradicted.evidence is null then governed.value end as value,
    case
        when contradicted.evidence is not null then 'conflict'
        when governed.value is null then 'unknown_value'
    end as problem,
    governed.decided_by,
    concat('inventory: ', governed.evidence) as evidence,
    governed.valid_from,
    governed.valid_to
from keyed
inner join governed
    on
        keyed.provider = governed.provider
        and keyed.named_key = governed.resource_key
        and keyed.decided_by = governed.decided_by
        and governed.valid_from < keyed.last_charge_end_at
        and governed.valid_to > keyed.first_charge_at
left join contradicted
    on
        governed.provider = contradicted.provider
        and governed.resource_key = contradicted.resource_key
        and governed.decided_by = contradicted.decided_by
        and governed.governed_key = contradicted.governed_key
        and governed.evidence = contradicted.evidence
