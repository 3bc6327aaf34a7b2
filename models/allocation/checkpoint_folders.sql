-- One row per month, bucket and folder that its inventories list: what is in it, and the run whose
-- checkpoints or artefacts they are.
-- Buckets under the names by which stored_data has them.
with folders as (

    select
        billing_period,
        lower(translate(bucket, '_. ', '---')) as bucket,
        prefix,
        split_part(prefix, '/', 1) as one_folder,
        concat_ws(
            '/', split_part(prefix, '/', 1), nullif(split_part(prefix, '/', 2), '')
        ) as two_folders,
        sum(objects) as objects,
        sum(stored_bytes) as stored_bytes,
        sum(old_version_bytes) as old_version_bytes,
        sum(bytes_over_90_days) as bytes_over_90_days,
        max(last_modified_at) as last_modified_at
    from (
        -- Of two inventories of one bucket the newest counts.
        select
            *,
            dense_rank() over (
                partition by billing_period, bucket order by listed_at desc, source_name
            ) as recency
        from {{ ref('stored_objects') }}
    ) as listed
    where recency = 1
    group by billing_period, bucket, prefix

),

-- s3://bucket/a/b/c: the bucket and its first three folders.
kept as (

    select
        source_name,
        run_id,
        lower(translate(split_part(split_part(artifact_uri, '://', 2), '/', 1), '_. ', '---'))
            as bucket,
        concat_ws(
            '/',
            nullif(split_part(split_part(artifact_uri, '://', 2), '/', 2), ''),
            nullif(split_part(split_part(artifact_uri, '://', 2), '/', 3), ''),
            nullif(split_part(split_part(artifact_uri, '://', 2), '/', 4), '')
        ) as prefix
    from {{ ref('runs') }}
    where artifact_uri like '%://%'

),

-- A folder that several runs name is of none of them alone.
owned as (

    select
        bucket,
        prefix,
        min(source_name) as source_name,
        min(run_id) as run_id
    from kept
    where prefix <> ''
    group by bucket, prefix
    having count(*) = 1

)

select
    folders.billing_period,
    folders.bucket,
    folders.prefix,
    folders.objects,
    folders.stored_bytes,
    folders.old_version_bytes,
    folders.bytes_over_90_days,
    folders.last_modified_at,
    coalesce(whole.source_name, two.source_name, one.source_name) as run_source_name,
    coalesce(whole.run_id, two.run_id, one.run_id) as run_id
from folders
left join owned as whole
    on folders.bucket = whole.bucket and folders.prefix = whole.prefix
left join owned as two
    on folders.bucket = two.bucket and folders.two_folders = two.prefix
left join owned as one
    on folders.bucket = one.bucket and folders.one_folder = one.prefix
