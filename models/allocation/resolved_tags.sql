-- One row per distinct tag set, governed key and level: the agreed value, or why there is none.
-- Tag sets are resolved once, however many resources and months share them.
{% set maps = attribution_maps() %}

with tag_sets as (
    {% for map_column in maps %}
    select
        {{ map_key(map_column) }} as tag_set_key,
        {{ 'true' if map_column == 'x_cost_categories' else 'false' }} as is_parent,
        {{ tag_entries('any_value(' ~ map_column ~ ')', tag_form) }} as entries
    from {{ ref('attribution_keys') }}
    where {{ map_column }} is not null
    group by {{ map_key(map_column) }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

listed as (

    select
        tag_sets.tag_set_key,
        tag_sets.is_parent,
        tag.record
    from tag_sets
    {{ lateral_records('tag_sets.entries', 'tag') }}

),

tags as (

    select
        tag_set_key,
        is_parent,
        record.native_key,
        record.tag_key,
        record.tag_value
    from listed

),

ignored as (

    select distinct tags.native_key
    from tags
    inner join {{ ref('ignored_tag_keys') }} as patterns on tags.native_key like patterns.pattern

),

governed as (

    select
        tags.tag_set_key,
        tag_keys.governed_key,
        case when tags.is_parent then 'parent' else tag_keys.level end as level,
        tags.native_key,
        tags.tag_value,
        case
            when governed_keys.vocabulary = 'open' then coalesce(known.value, trim(tags.tag_value))
            when known.agreed_values = 1 then known.value
        end as value
    from tags
    inner join {{ ref('tag_keys') }} as tag_keys on tags.tag_key = {{ tag_form('tag_keys.alias') }}
    inner join {{ ref('governed_keys') }} as governed_keys
        on tag_keys.governed_key = governed_keys.governed_key
    left join {{ ref('tag_vocabulary') }} as known
        on
            tag_keys.governed_key = known.governed_key
            and {{ tag_form('tags.tag_value') }} = known.value_form
    left join ignored on tags.native_key = ignored.native_key
    where ignored.native_key is null

)

select
    tag_set_key,
    governed_key,
    level,
    case
        when count(distinct coalesce(value, concat('?', {{ tag_form('tag_value') }}))) = 1
            then min(value)
    end as value,
    case
        when count(distinct coalesce(value, concat('?', {{ tag_form('tag_value') }}))) > 1
            then 'conflict'
        when min(value) is null then 'unknown_value'
    end as problem,
    {{ ordered_list_text("concat(native_key, '=', tag_value)", '; ', 'native_key') }} as stated_tags
from governed
group by tag_set_key, governed_key, level
