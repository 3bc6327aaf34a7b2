-- One row per source, billing period, bucket, prefix and storage class: the objects that the newest
-- inventory of the month lists below the first three folders of their keys.
{{ config(
    materialized='incremental',
    pre_hook="{{ delete_queued('source_name', 'billing_period') }}"
) }}
with objects as (

    select
        *,
        -- The folder of the object; what follows the third level is the object's own matter.
        regexp_replace(object_key, '[^/]*$', '') as folder,
        {{ seconds_between('modified_at', 'listed_at') }} / 86400 as age_days
    from {{ ref('stg_usage__stored_objects') }}
    where {{ rebuild_predicate('source_name', 'billing_period') }}
    qualify
        listed_at = max(listed_at) over (partition by source_name, billing_period, bucket)

)

select
    source_name,
    billing_period,
    bucket,
    concat_ws(
        '/',
        nullif(split_part(folder, '/', 1), ''),
        nullif(split_part(folder, '/', 2), ''),
        nullif(split_part(folder, '/', 3), '')
    ) as prefix,
    storage_class,
    max(listed_at) as listed_at,
    count(*) as objects,
    count(case when not is_current then 1 end) as old_versions,
    {{ quantity('sum(object_bytes)') }} as stored_bytes,
    {{ quantity('sum(case when not is_current then object_bytes else 0 end)') }}
        as old_version_bytes,
    {%- for days in (30, 90, 180) %}
    {{ quantity('sum(case when age_days > ' ~ days ~ ' then object_bytes else 0 end)') }}
        as bytes_over_{{ days }}_days,
    {%- endfor %}
    min(modified_at) as first_modified_at,
    max(modified_at) as last_modified_at
from objects
group by
    source_name, billing_period, bucket, storage_class,
    split_part(folder, '/', 1), split_part(folder, '/', 2), split_part(folder, '/', 3)
