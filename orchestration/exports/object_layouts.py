"""Inventories of buckets: which objects were there on a day, as one row per object.

S3 writes a manifest that names columns and files; other clouds write files with a header.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime

from orchestration.exports.deliveries import Delivery, Discovery, StatedFigures
from orchestration.exports.errors import RefusedDelivery
from orchestration.exports.filesystem import Location, SourceFile
from orchestration.exports.inventory_snapshots import day_in
from orchestration.exports.preparing import Preparation
from orchestration.exports.runs_layouts import as_time
from orchestration.exports.schemas import declared_columns, literal
from orchestration.exports.usage_layouts import rewrite_as

MANIFEST = "manifest.json"
OBJECT = {
    column.name: "TIMESTAMP" if column.role == "timestamp" else "VARCHAR"
    for column in declared_columns("usage_stored_objects")
}


def discover_s3_inventory(location: Location) -> Discovery:
    """One delivery per manifest; of a month the newest counts."""
    found = Discovery()
    files = list(location.files())
    for manifest in files:
        if manifest.name == MANIFEST:
            try:
                found.deliveries.append(_delivery(location, manifest, files))
            except (ValueError, KeyError, TypeError) as error:
                found.refuse(
                    manifest.path,
                    f"the manifest cannot be read ({type(error).__name__}: {error}).",
                    "Let S3 write the inventory again, or remove the folder.",
                    manifest.path,
                )
    if not found.deliveries and not found.problems:
        found.refuse(
            str(location.url),
            "there is no manifest.json.",
            "Name the folder that S3 writes the inventory of one bucket to.",
        )
    return found


def _delivery(location: Location, manifest: SourceFile, files: list[SourceFile]) -> Delivery:
    content = json.loads(location.read_bytes(manifest))
    written_at = datetime.fromtimestamp(int(content["creationTimestamp"]) / 1000, UTC)
    listed = content["files"]
    columns: tuple[str, ...] = ()
    problem = None
    if content["fileFormat"] == "CSV":
        columns = tuple(name.strip() for name in content["fileSchema"].split(","))
    elif content["fileFormat"] != "Parquet":
        problem = RefusedDelivery(
            f"the inventory is written as {content['fileFormat']}.",
            "Let S3 write it as CSV or Parquet.",
            file_path=manifest.path,
        )
    chosen, stated = [], {}
    for entry in listed:
        # Keys are those of the bucket; the location may begin anywhere in them.
        there = [file for file in files if f"/{entry['key']}".endswith(f"/{file.path}")]
        if not there:
            problem = problem or RefusedDelivery(
                f"the file {entry['key']} of the inventory is missing.",
                "Copy the folder `data` too.",
                file_path=manifest.path,
            )
            continue
        if there[0].bytes != int(entry["size"]):
            problem = problem or RefusedDelivery(
                f"the manifest states {entry['size']} bytes, the file has {there[0].bytes}.",
                "It is still being written or cut off: it is landed once both agree.",
                file_path=there[0].path,
            )
        chosen.append(there[0])
        stated[there[0].path] = StatedFigures(bytes=int(entry["size"]))
    return Delivery(
        label=manifest.path.removesuffix(f"/{MANIFEST}"),
        billing_period=f"{written_at:%Y-%m}",
        files=tuple(chosen),
        manifest=manifest,
        # Folders of days lie beside each other in that of the bucket's inventory.
        root="/".join([content["sourceBucket"], *manifest.path.split("/")[:-2]]),
        delivered_at=written_at,
        newest_key=f"{written_at:%Y-%m-%dT%H:%M:%S}",
        columns=columns,
        stated=stated,
        problem=problem,
    )


def prepare_objects(preparation: Preparation) -> None:
    """Objects of a bucket on the day of the manifest, else of the path."""
    sql = preparation.sql
    day = preparation.delivered_at or day_in(sql.local.source.full_path)
    if day is None:
        raise RefusedDelivery(
            "nothing tells the day of this inventory.",
            "Put it into a folder named after the day (.../2026-06-01/...).",
            file_path=sql.local.source.path,
        )
    if preparation.delivered_at is None:
        sql.local.day = day.isoformat()
    bucket = sql.options.get("bucket")
    key = sql.text("key")
    is_encoded = preparation.delivered_at is not None and "csv" in sql.local.file_format
    latest = f"coalesce(lower({sql.text('is_latest')}), 'true')"
    marker = f"coalesce(lower({sql.text('is_delete_marker')}), 'false')"
    rewrite_as(
        preparation,
        {
            "listed_at": f"timestamp {literal(f'{day:%Y-%m-%d %H:%M:%S}')}",
            "bucket": f"coalesce({sql.text('bucket')}, {literal(bucket) if bucket else 'null'})",
            # Keys of S3's CSV files are written as in a form of a web page.
            "object_key": f"url_decode(replace({key}, '+', '%20'))" if is_encoded else key,
            "object_bytes": sql.text("size"),
            "modified_at": as_time(sql.text("last_modified_date")),
            "storage_class": f"coalesce({sql.text('intelligent_tiering_access_tier')}, "
            f"{sql.text('storage_class')})",
            "is_current": f"case when {latest} = 'true' and {marker} = 'false' "
            "then 'true' else 'false' end",
        },
        OBJECT,
    )
