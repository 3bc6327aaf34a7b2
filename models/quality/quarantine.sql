-- One row per delivered row that could not be read as its export kind declares: where it stands,
-- why it was set aside, and its text.
with quarantined_rows as (

    select * from {{ source('raw_ops', 'quarantined_rows') }}

),

current_versions as (

    select distinct source_name, billing_period, version_id
    from {{ source('raw_ops', 'deliveries') }}
    where is_current

)

select
    quarantined_rows.source_name,
    quarantined_rows.billing_period,
    quarantined_rows.version_id,
    quarantined_rows.file_path,
    cast(quarantined_rows.source_row as bigint) as source_row,
    quarantined_rows.reason,
    quarantined_rows.column_name,
    quarantined_rows.value as refused_value,
    quarantined_rows.raw_text,
    current_versions.version_id is not null as is_current
from quarantined_rows
left join current_versions
    on
        quarantined_rows.source_name = current_versions.source_name
        and quarantined_rows.billing_period = current_versions.billing_period
        and quarantined_rows.version_id = current_versions.version_id
