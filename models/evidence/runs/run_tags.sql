-- One row per run: what its tags say of code, data, machines and owners, under any of the spellings
-- that count.
with tagged as (

    select
        runs.source_name,
        runs.run_id,
        found.record
    from (
        select
            source_name,
            run_id,
            {{ label_entries('tags') }} as entries
        from {{ ref('listed_runs') }}
        where tags is not null
    ) as runs
    {{ lateral_records('runs.entries', 'found') }}

),

parted as (

    select
        source_name,
        run_id,
        record.key as tag_key,
        record.value as tag_value
    from tagged

),

chosen as (

    select
        parted.source_name,
        parted.run_id,
        keys.field_name,
        min_by(parted.tag_value, keys.priority) as tag_value
    from parted
    inner join {{ ref('run_tag_keys') }} as keys on parted.tag_key = keys.tag_key
    where parted.tag_value <> ''
    group by parted.source_name, parted.run_id, keys.field_name

)

select
    source_name,
    run_id,
    {%- for field in [
        'git_sha', 'dataset_name', 'executor', 'team', 'project', 'model', 'user_name', 'run_name',
        'technique', 'accelerator_count',
    ] %}
    max(case when field_name = '{{ field }}' then tag_value end) as {{ field }}
    {{- ',' if not loop.last }}
    {%- endfor %}
from chosen
group by source_name, run_id
