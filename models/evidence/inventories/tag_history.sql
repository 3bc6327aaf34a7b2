-- One row per provider, resource, tag key and time that the value held.
select
    provider,
    resource_key,
    fact_name as tag_key,
    fact_value as tag_value,
    item_type,
    valid_from,
    valid_to,
    source_name,
    may_be_older
from {{ ref('inventory_facts') }}
where fact_kind = 'tag' and item_type <> 'account'
