-- One row per provider, resource and time at which its owner changed, came or went while it was
-- listed. Another spelling of the same owner is no change.
with owners as (

    select
        history.provider, history.resource_key, history.tag_key, history.tag_value,
        history.valid_from, history.valid_to, history.may_be_older
    from {{ ref('tag_history') }} as history
    inner join {{ ref('tag_keys') }} as tag_keys
        on {{ tag_form('history.tag_key') }} = {{ tag_form('tag_keys.alias') }}
    where tag_keys.governed_key = 'team' and history.tag_value <> ''

),

changes as (

    select provider, resource_key, valid_from as changed_at from owners where not may_be_older
    union
    select provider, resource_key, valid_to as changed_at from owners where valid_to is not null

),

-- What comes or goes as a whole has not lost its owner.
listed as (

    select distinct changes.provider, changes.resource_key, changes.changed_at
    from changes
    inner join {{ ref('resource_history') }} as history
        on
            changes.provider = history.provider
            and changes.resource_key = history.resource_key
            and history.valid_from < changes.changed_at
            and (history.valid_to is null or history.valid_to > changes.changed_at)

),

described as (

    select
        listed.provider,
        listed.resource_key,
        listed.changed_at,
        min(owners.tag_key) as tag_key,
        min(case when owners.valid_to = listed.changed_at then owners.tag_value end)
            as owner_before,
        min(case when owners.valid_from = listed.changed_at then owners.tag_value end)
            as owner_after
    from listed
    inner join owners
        on
            listed.provider = owners.provider
            and listed.resource_key = owners.resource_key
            and (owners.valid_from = listed.changed_at or owners.valid_to = listed.changed_at)
    group by listed.provider, listed.resource_key, listed.changed_at

)

select
    provider,
    resource_key,
    changed_at,
    case
        when owner_before is null then 'owner_gained'
        when owner_after is null then 'owner_lost'
        else 'owner_changed'
    end as change_kind,
    tag_key,
    owner_before,
    owner_after
from described
where {{ tag_form('owner_before') }} is distinct from {{ tag_form('owner_after') }}
