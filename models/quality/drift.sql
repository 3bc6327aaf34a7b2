-- One row per delivered file and column that differs from the declared schema of its export kind.
with drift as (

    select * from {{ source('raw_ops', 'drift') }}

),

current_versions as (

    select distinct source_name, billing_period, version_id
    from {{ source('raw_ops', 'deliveries') }}
    where is_current

)

select
    drift.source_name,
    drift.billing_period,
    drift.version_id,
    drift.file_path,
    drift.column_name,
    drift.drift_kind,
    drift.detail,
    current_versions.version_id is not null as is_current
from drift
left join current_versions
    on
        drift.source_name = current_versions.source_name
        and drift.billing_period = current_versions.billing_period
        and drift.version_id = current_versions.version_id
