-- One row per provider, resource and time that inventories list it.
with latest as (

    select
        provider,
        resource_key,
        resource_id,
        resource_type,
        resource_name,
        region_id,
        account_id
    from {{ ref('inventory_items') }}
    qualify row_number() over (
        partition by provider, resource_key order by snapshot_at desc, source_name, snapshot_scope
    ) = 1

)

select
    facts.provider,
    facts.resource_key,
    facts.item_type,
    latest.resource_id,
    latest.resource_type,
    latest.resource_name,
    latest.region_id,
    latest.account_id,
    facts.valid_from,
    facts.valid_to,
    facts.source_name,
    facts.may_be_older
from {{ ref('inventory_facts') }} as facts
inner join latest
    on facts.provider = latest.provider and facts.resource_key = latest.resource_key
where facts.fact_kind = 'presence'
