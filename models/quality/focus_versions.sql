-- One row per landed Cost and Usage file of a native FOCUS export: the version that its columns
-- belong to, what it lacks of that version, and how many columns of others it carries.
with files as (

    select * from {{ source('raw_ops', 'deliveries') }}
    where source_kind = 'focus' and table_name = 'cost_and_usage'

),

drift as (

    select * from {{ source('raw_ops', 'drift') }}

),

versions as (

    select * from {{ ref('focus_column_versions') }}

),

-- Landing notes every declared column that a file lacks: the others are there.
columns_of_files as (

    select
        files.source_name,
        files.billing_period,
        files.version_id,
        files.file_path,
        versions.column_id,
        versions.column_name,
        versions.introduced_version,
        versions.in_1_0,
        versions.in_1_1,
        versions.in_1_2,
        versions.in_1_3,
        versions.in_1_4,
        drift.column_name is null as is_delivered
    from files
    cross join versions
    left join drift
        on
            files.source_name = drift.source_name
            and files.billing_period = drift.billing_period
            and files.version_id = drift.version_id
            and files.file_path = drift.file_path
            and versions.column_name = drift.column_name
            and drift.drift_kind = 'missing_column'

),

-- The newest column decides. 1.4 may be told only by what it no longer has.
version_of_files as (

    select
        source_name,
        billing_period,
        version_id,
        file_path,
        case
            when
                bool_or(is_delivered and column_name = 'service_provider_name')
                and not bool_or(is_delivered and column_name in ('provider_name', 'publisher_name'))
                then '1.4'
            else greatest('1.0', max(
                case when is_delivered and introduced_version like '1._' then introduced_version end
            ))
        end as focus_version
    from columns_of_files
    group by source_name, billing_period, version_id, file_path

),

unknown_columns_of_files as (

    select
        source_name,
        billing_period,
        version_id,
        file_path,
        count(*) as unknown_columns
    from drift
    where drift_kind = 'unknown_column'
    group by source_name, billing_period, version_id, file_path

),

judged as (

    select
        columns_of_files.*,
        version_of_files.focus_version,
        case version_of_files.focus_version
            when '1.0' then columns_of_files.in_1_0
            when '1.1' then columns_of_files.in_1_1
            when '1.2' then columns_of_files.in_1_2
            when '1.3' then columns_of_files.in_1_3
            else columns_of_files.in_1_4
        end as is_of_version
    from columns_of_files
    inner join version_of_files
        on
            columns_of_files.source_name = version_of_files.source_name
            and columns_of_files.billing_period = version_of_files.billing_period
            and columns_of_files.version_id = version_of_files.version_id
            and columns_of_files.file_path = version_of_files.file_path

)

select
    judged.source_name,
    judged.billing_period,
    judged.version_id,
    judged.file_path,
    files.is_current,
    judged.focus_version,
    cast(count_if(judged.is_of_version and judged.is_delivered) as bigint) as delivered_columns,
    cast(count_if(judged.is_of_version and not judged.is_delivered) as bigint) as missing_columns,
    {{ ordered_list_text(
        'case when judged.is_of_version and not judged.is_delivered then judged.column_id end',
        ' ', 'judged.column_id'
    ) }} as missing_column_names,
    cast(coalesce(max(unknown_columns_of_files.unknown_columns), 0) as bigint) as unknown_columns
from judged
inner join files
    on
        judged.source_name = files.source_name
        and judged.billing_period = files.billing_period
        and judged.version_id = files.version_id
        and judged.file_path = files.file_path
left join unknown_columns_of_files
    on
        judged.source_name = unknown_columns_of_files.source_name
        and judged.billing_period = unknown_columns_of_files.billing_period
        and judged.version_id = unknown_columns_of_files.version_id
        and judged.file_path = unknown_columns_of_files.file_path
group by
    judged.source_name, judged.billing_period, judged.version_id, judged.file_path,
    files.is_current, judged.focus_version
