-- One row per delivered file of every landed version, current or superseded: what arrived, what it
-- summed to, what became of it.
with deliveries as (

    select * from {{ source('raw_ops', 'deliveries') }}

)

select
    -- identity
    source_name,
    source_kind,
    provider,
    table_name,
    counts_as,
    billing_period,
    version_id,
    file_path,
    assembly_id,
    file_format,
    schema_variant,
    checksum_sha256,
    -- time
    cast(delivered_at as timestamp) as delivered_at,
    cast(landed_at as timestamp) as landed_at,
    is_current,
    superseded_by,
    cast(superseded_at as timestamp) as superseded_at,
    cast(pruned_at as timestamp) as pruned_at,
    -- volume
    cast(bytes as bigint) as file_bytes,
    cast(file_rows as bigint) as file_rows,
    cast(landed_rows as bigint) as landed_rows,
    cast(quarantined_rows as bigint) as quarantined_rows,
    cast(stated_rows as bigint) as stated_rows,
    cast(rows_beyond_scale as bigint) as beyond_scale_rows,
    -- money
    currency as billing_currency,
    cast(file_cost as decimal(38, 16)) as file_cost,
    cast(landed_cost as decimal(38, 16)) as landed_cost,
    cast(quarantined_cost as decimal(38, 16)) as quarantined_cost,
    cast(stated_cost as decimal(38, 16)) as stated_cost,
    cast(cost_beyond_scale as decimal(38, 24)) as beyond_scale_cost
from deliveries
