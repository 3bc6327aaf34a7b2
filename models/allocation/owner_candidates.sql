-- One row per source, billing period, attribution key, governed key and statement about it: what is
-- said, by whom, in which order it counts and when it holds. A tag that contradicts itself says
-- NULL.
with keys as (

    select
        source_name,
        billing_period,
        attribution_key,
        -- A share of a machine has tags of its own; those of the row are the machine's.
        case when x_source_part = 'split' then {{ map_key('allocated_tags') }}
            else {{ map_key('tags') }} end as tag_set_key,
        case when x_source_part <> 'split' then {{ map_key('allocated_tags') }} end
            as allocated_set_key,
        {{ map_key('x_cost_categories') }} as category_set_key
    from {{ ref('attribution_keys') }}

),

-- Who says it, in the order in which it counts.
ranks as (

    select 'bill_tag' as decided_by, 1 as decided_rank
    union all
    select 'inventory_tag' as decided_by, 2 as decided_rank
    union all
    select 'parent' as decided_by, 3 as decided_rank
    union all
    select 'virtual_tag' as decided_by, 4 as decided_rank
    union all
    select 'default_owner' as decided_by, 5 as decided_rank

),

tag_sets as (

    select source_name, billing_period, attribution_key, tag_set_key from keys
    union
    select source_name, billing_period, attribution_key, allocated_set_key from keys
    union
    select source_name, billing_period, attribution_key, category_set_key from keys

),

stated as (

    select
        tag_sets.source_name,
        tag_sets.billing_period,
        tag_sets.attribution_key,
        resolved_tags.governed_key,
        resolved_tags.value,
        resolved_tags.problem,
        case resolved_tags.level when 'resource' then 'bill_tag' else 'parent' end as decided_by,
        0 as position,
        resolved_tags.stated_tags as evidence,
        {{ open_start('null') }} as valid_from,
        {{ open_end('null') }} as valid_to
    from tag_sets
    inner join {{ ref('resolved_tags') }} as resolved_tags
        on tag_sets.tag_set_key = resolved_tags.tag_set_key
    union all
    select
        source_name,
        billing_period,
        attribution_key,
        governed_key,
        value,
        problem,
        decided_by,
        0 as position,
        evidence,
        valid_from,
        valid_to
    from {{ ref('inventory_statements') }}
    union all
    select
        source_name,
        billing_period,
        attribution_key,
        assigned_key as governed_key,
        assigned_value as value,
        cast(null as string) as problem,
        rule_set as decided_by,
        position,
        concat('rule ', rule) as evidence,
        valid_from,
        valid_to
    from {{ ref('rule_matches') }}
    where rule_set in ('parent', 'virtual_tag', 'default_owner')

)

select
    stated.*,
    ranks.decided_rank
from stated
inner join ranks on stated.decided_by = ranks.decided_by
