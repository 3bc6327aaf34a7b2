-- One row per provider, resource, kind of parent and time that it was the parent.
select
    provider,
    resource_key,
    fact_name as parent_type,
    fact_value as parent_key,
    item_type,
    valid_from,
    valid_to,
    source_name,
    may_be_older
from {{ ref('inventory_facts') }}
where fact_kind = 'parent'
