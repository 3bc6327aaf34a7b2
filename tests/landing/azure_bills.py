"""Small Azure deliveries for the landing tests: charges, file writers, runs with manifests."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import duckdb

PROFILE = "ABCD-1234-XYZ-PGB"
Row = dict[str, Any]


def charge(number: int, *, day: str = "2026-05-03", cost: str = "0.25", **changed: Any) -> Row:
    """A usage row as an MCA export writes it."""
    return {
        "billingProfileId": PROFILE,
        "billingPeriodStartDate": f"{day[:7]}-01",
        "date": day,
        "SubscriptionId": "0000-1111",
        "chargeType": "Usage",
        "pricingModel": "OnDemand",
        "quantity": str(number),
        "costInBillingCurrency": cost,
        "billingCurrency": "USD",
        "meterName": f"D{number} v5",
        "tags": '"team": "vision"',
        "benefitId": "",
        **changed,
    }


RESERVED = {"pricingModel": "Reservation", "benefitId": "/reservationOrders/a/reservations/b"}


def actual(count: int = 3, **changed: Any) -> list[Row]:
    """An actual file: usage, covered usage at cost 0, a fee."""
    fee = charge(90, cost="9", chargeType="Purchase", **RESERVED)
    covered = charge(91, cost="0", **RESERVED)
    return [charge(n, **changed) for n in range(1, count + 1)] + [covered | changed, fee | changed]


def amortized(count: int = 3, **changed: Any) -> list[Row]:
    """The amortized file of the same month."""
    covered = charge(91, cost="6", **RESERVED)
    idle = charge(92, cost="3", **RESERVED) | {"chargeType": "UnusedReservation"}
    return [charge(n, **changed) for n in range(1, count + 1)] + [covered | changed, idle | changed]


def text_of(rows: Iterable[Row], *, header: list[str] | None = None, line_end: str = "\n") -> str:
    rows = list(rows)
    target = io.StringIO()
    writer = csv.writer(target, lineterminator=line_end)
    writer.writerow(header or list(rows[0]))
    writer.writerows(list(row.values()) for row in rows)
    return target.getvalue()


def write(path: Path, rows: Iterable[Row], *, bom: bool = False, **options: Any) -> Path:
    """Rows as .csv, .csv.gz or .parquet by the path's name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    data = text_of(rows, **options).encode("utf-8-sig" if bom else "utf-8")
    if path.name.endswith(".parquet"):
        plain = path.with_name("plain.csv")
        plain.write_bytes(data)
        with duckdb.connect() as connection:
            connection.execute(f"copy (from '{plain}') to '{path}' (format parquet)")
        plain.unlink()
    else:
        path.write_bytes(gzip.compress(data) if path.name.endswith(".gz") else data)
    return path


def run(
    folder: Path,
    files: dict[str, list[Row]],
    *,
    kind: str = "ActualCost",
    submitted: str = "2026-06-02T05:00:00.1234567Z",
    month: str = "20260501-20260531",
    run_id: str = "11111111-2222-3333-4444-555555555555",
    stamp: str = "",
    listed: Iterable[str] | None = None,
) -> Path:
    """A run with its manifest: <export>/<month>/[<stamp>/]<run id>/."""
    place = folder / month / stamp / run_id
    for name, rows in files.items():
        write(place / name, rows)
    blobs = [
        {
            "blobName": f"container/dir/{folder.name}/{month}/{run_id}/{name}",
            "byteCount": (place / name).stat().st_size if (place / name).exists() else 1,
            "dataRowCount": len(files.get(name, [])),
        }
        for name in (listed or files)
    ]
    body = {
        "manifestVersion": "2024-04-01",
        "exportConfig": {"exportName": folder.name, "type": kind},
        "runInfo": {"submittedTime": submitted, "runId": run_id},
        "blobs": blobs,
    }
    (place / "manifest.json").write_text(json.dumps(body), encoding="utf-8-sig")
    return place
