"""Checkpoints of the tracked runs: a monthly S3 Inventory of their bucket.

Every run keeps a folder of its own; some folders are of runs that nobody remembers. What each of
them costs of the bucket's storage is planted in ``truth/checkpoints.parquet``.
"""

from __future__ import annotations

import gzip
import json
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from sample_estate.context import DeliveredExport
from sample_estate.engine import literal, load_rows
from sample_estate.runs.machines import newest_files

BUCKET = "halden-atlas-checkpoints"
DAY, HOUR = 28, 1
#: Folders of runs that no tracker knows.
FORGOTTEN = 3
LOST = {"failed", "cancelled", "abandoned"}

_TRUTH = {
    "billing_period": "varchar",
    "prefix": "varchar",
    "run_id": "varchar",
    "reference_state": "varchar",
    "stored_bytes": "bigint",
    "effective_cost": "double",
}

# Storage of the bucket, as the bill states it after its discounts.
_STORAGE = """
    select
        strftime(cast(line_item_usage_start_date as timestamp), '%Y-%m') as month,
        sum(cast(line_item_net_unblended_cost as double)) as effective_cost
    from {bill}
    where line_item_resource_id like '%{bucket}' and line_item_usage_type like '%TimedStorage%'
    group by month"""


def deliver(
    con: duckdb.DuckDBPyConnection, root: Path, planned: list[dict[str, Any]]
) -> DeliveredExport:
    """Write an inventory for each month of the bill below ``root``, and the truth about it."""
    folder = root / "runs" / "checkpoints"
    bill = newest_files(root)
    costs = dict(con.execute(_STORAGE.format(bill=bill, bucket=BUCKET)).fetchall())
    truth: list[tuple[Any, ...]] = []
    written = 0
    for month, cost in sorted(costs.items()):
        listed_at = datetime.fromisoformat(f"{month}-{DAY}T{HOUR:02d}:00:00")
        folders = _folders(planned, listed_at)
        _write(folder, listed_at, folders)
        written += 2 * len(folders)
        whole = sum(size for _, _, size, _ in folders)
        truth += [
            (month, prefix, run_id, state, size, cost * size / whole)
            for prefix, run_id, size, state in folders
        ]
    load_rows(con, "checkpoints", _TRUTH, (dict(zip(_TRUTH, row, strict=True)) for row in truth))
    target = literal(root / "truth" / "checkpoints.parquet")
    con.execute(f"copy (from checkpoints order by all) to {target} (format parquet)")
    return DeliveredExport(
        "checkpoint_list", "s3_inventory", "./runs/checkpoints/", written, section="usage"
    )


def _folders(
    planned: list[dict[str, Any]], listed_at: datetime
) -> list[tuple[str, str | None, int, str]]:
    """(folder, run, bytes, whether anything refers to it) of what was there at a time."""
    states = {run["instance_id"] + str(run["number"]): run["state"] for run in planned}
    found: list[tuple[str, str | None, int, str]] = []
    for run in planned:
        if run["started_at"] < listed_at:
            first = states.get(run["instance_id"] + str(run["recipe"]))
            repeated = run["repeats"] and (run["state"], first) == ("succeeded", "succeeded")
            useless = run["state"] in LOST or repeated
            found.append((
                f"runs/{run['run_id']}/last", run["run_id"], 10**9 * (14 + run["run_hours"]),
                "run_of_no_use" if useless else "referenced",
            ))  # fmt: skip
    forgotten: list[tuple[str, str | None, int, str]] = [
        (f"runs/before-{number}/last", None, 10**10 * (number + 1), "unreferenced")
        for number in range(FORGOTTEN)
    ]
    return found + forgotten


def _write(
    folder: Path, listed_at: datetime, folders: list[tuple[str, str | None, int, str]]
) -> None:
    """The files that S3 writes: lines without a header, and a manifest that names them."""
    lines = []
    for prefix, run_id, size, _ in folders:
        changed = "2026-01-15T00:00:00.000Z" if run_id is None else f"{listed_at:%FT%T}.000Z"
        for part, bytes_ in (("weights", size * 3 // 4), ("optimizer", size - size * 3 // 4)):
            lines.append(
                f'"{BUCKET}","{prefix}/{part}.safetensors","{bytes_}","{changed}","STANDARD"'
            )
    text = gzip.compress("\n".join(lines).encode() + b"\n", mtime=0)
    data = folder / "data" / f"{listed_at:%Y-%m-%d}.csv.gz"
    data.parent.mkdir(parents=True, exist_ok=True)
    data.write_bytes(text)
    manifest = {
        "sourceBucket": BUCKET,
        "version": "2016-11-30",
        "creationTimestamp": str(int((listed_at - datetime(1970, 1, 1)).total_seconds() * 1000)),
        "fileFormat": "CSV",
        "fileSchema": "Bucket, Key, Size, LastModifiedDate, StorageClass",
        "files": [{"key": f"{BUCKET}/all/data/{data.name}", "size": len(text)}],
    }
    place = folder / f"{listed_at:%Y-%m-%dT%H-00Z}"
    place.mkdir(parents=True)
    (place / "manifest.json").write_text(json.dumps(manifest))
