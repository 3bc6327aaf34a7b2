"""The inventory of the bucket with checkpoints: what each run left there, month by month.

Every run keeps some checkpoints and an old version of its last one; what belongs to no run is data
that all share. Truth: ``truth/stored_objects.parquet``.
"""

from __future__ import annotations

import json
from pathlib import Path

import duckdb

from sample_estate.context import DeliveredExport
from sample_estate.engine import literal

BUCKET = "halden-atlas-checkpoints"
SOURCE = "checkpoint_objects"
SCHEMA = (
    "Bucket, Key, VersionId, IsLatest, IsDeleteMarker, Size, LastModifiedDate, ETag, StorageClass"
)

_OBJECTS = """
    create or replace table objects as
    with months as (
        select month, month + interval 1 month - interval 1 day as listed_at
        from (select unnest($months) as month)
    ),
    kept as (
        select
            'runs/' || run_id || '/checkpoints/step-' || lpad(cast(500 * step as varchar), 6, '0')
                || '/weights.safetensors' as key,
            cast(20e9 + draw(run_id || step, 1000) * 1e7 as bigint) as bytes,
            started_at + to_hours(cast(step as bigint)) as modified_at,
            run_id || step as id,
            unnest(case when step = 1 then [true, false] else [true] end) as is_latest
        from (
            select run_id, started_at, unnest(range(1, 2 + draw(run_id || 'kept', 3))) as step
            from read_parquet($runs)
        )
        union all
        select
            'shared/tokenizer/v' || n || '/part ' || part || '.bin', 5000000000,
            timestamp '2025-11-01 00:00:00', 'shared' || n || part, true
        from (select unnest(range(1, 4)) as n), (select unnest(range(4)) as part)
    )
    select
        strftime(month, '%Y-%m') as month, listed_at, key, bytes, modified_at, is_latest,
        hex_id(id || is_latest, 32) as version_id, hex_id(id || 'etag', 32) as etag,
        case when modified_at < listed_at - interval 90 day then 'STANDARD_IA' else 'STANDARD' end
            as storage_class
    from kept inner join months on modified_at < listed_at"""


def deliver(con: duckdb.DuckDBPyConnection, root: Path, months: list[str]) -> list[DeliveredExport]:
    """Write an inventory at the end of each month, as S3 does: a manifest and a file without
    header whose keys are written as in a URL."""
    listed = "[" + ", ".join(f"date '{month}-01'" for month in months) + "]"
    runs = literal(root / "truth" / "ml_runs.parquet")
    con.execute(_OBJECTS.replace("$months", listed).replace("$runs", runs))
    folder = root / "usage" / "objects"
    (folder / "data").mkdir(parents=True)
    written = 0
    for month in months:
        data = folder / "data" / f"{month}.csv.gz"
        written += con.execute(
            f"""
            copy (
                select '{BUCKET}', replace(replace(url_encode(key), '%2F', '/'), '%20', '+'),
                    version_id, is_latest, false, bytes,
                    strftime(modified_at, '%Y-%m-%dT%H:%M:%S.000Z'), etag, storage_class
                from objects where month = '{month}' order by key, is_latest desc
            ) to {literal(data)} (format csv, header false, force_quote *, compression gzip)"""
        ).fetchall()[0][0]
        at, day = con.execute(
            "select epoch_ms(max(listed_at)), strftime(max(listed_at), '%Y-%m-%d') "
            "from objects where month = ?",
            [month],
        ).fetchall()[0]
        manifest = {
            "sourceBucket": BUCKET,
            "destinationBucket": "arn:aws:s3:::halden-inventories",
            "version": "2016-11-30",
            "creationTimestamp": str(at),
            "fileFormat": "CSV",
            "fileSchema": SCHEMA,
            "files": [{"key": f"{BUCKET}/all/data/{data.name}", "size": data.stat().st_size}],
        }
        place = folder / f"{day}T00-00Z"
        place.mkdir()
        (place / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    con.execute(f"""
        copy (
            select month, '{BUCKET}' as bucket,
                array_to_string(string_split(key, '/')[:3], '/') as prefix, storage_class,
                count(*) as objects, sum(bytes) as stored_bytes,
                sum(bytes) filter (not is_latest) as old_version_bytes
            from objects group by all order by all
        ) to {literal(root / "truth" / "stored_objects.parquet")} (format parquet)""")
    return [
        DeliveredExport(SOURCE, "s3_inventory", "./usage/objects/", int(written), section="usage")
    ]
