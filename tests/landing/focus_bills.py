"""Small FOCUS deliveries for the landing tests, in the columns of any version."""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

from orchestration.project import ROOT

Row = dict[str, Any]

ACCOUNT = "001234567890"
VALUES = {
    "BilledCost": "1.25",
    "EffectiveCost": "1.25",
    "ListCost": "2.5",
    "ListUnitPrice": "2.5",
    "ContractedCost": "1.25",
    "ContractedUnitPrice": "1.25",
    "PricingQuantity": "1",
    "PricingUnit": "Hours",
    "PricingCategory": "Standard",
    "ConsumedQuantity": "1",
    "ConsumedUnit": "Hours",
    "BillingAccountId": ACCOUNT,
    "BillingAccountName": "halden-payer",
    "BillingCurrency": "USD",
    "ChargeCategory": "Usage",
    "ChargeFrequency": "Usage-Based",
    "ChargeDescription": 'He said "GPU, please"',
    "InvoiceIssuerName": "Amazon Web Services, Inc.",
    "ProviderName": "AWS",
    "PublisherName": "AWS",
    "ServiceProviderName": "AWS",
    "HostProviderName": "AWS",
    "ServiceName": "Amazon Elastic Compute Cloud",
    "ServiceCategory": "Compute",
    "ServiceSubcategory": "Virtual Machines",
    "SkuId": "SKU1",
    "SkuPriceId": "SKU1.OD",
    "SubAccountId": "000000000042",
    "Tags": '{"team":"vision","env":"prod"}',
}


@cache
def members(version: str) -> tuple[str, ...]:
    """Columns of Cost and Usage in a version."""
    path = ROOT / "seeds" / "focus" / "focus_column_versions.csv"
    with path.open(encoding="utf-8", newline="") as lines:
        found = [
            row["column_id"]
            for row in csv.DictReader(lines)
            if row[f"in_{version.replace('.', '_')}"] == "true"
        ]
    return tuple(found)


def rows(
    version: str = "1.2", period: str = "2026-05", count: int = 4, **changed: Any
) -> list[Row]:
    """Charges of one day each, with all columns of the version."""
    month = int(period[5:])
    following = f"{int(period[:4]) + month // 12}-{month % 12 + 1:02d}"
    return [
        dict.fromkeys(members(version), "")
        | {name: value for name, value in VALUES.items() if name in members(version)}
        | {
            "BillingPeriodStart": f"{period}-01T00:00:00Z",
            "BillingPeriodEnd": f"{following}-01T00:00:00Z",
            "ChargePeriodStart": f"{period}-{day:02d}T00:00:00Z",
            "ChargePeriodEnd": f"{period}-{day + 1:02d}T00:00:00Z",
            "ResourceId": f"i-{day}",
        }
        | changed
        for day in range(1, count + 1)
    ]


def write_csv(path: Path, delivered: Iterable[Row]) -> Path:
    """CSV, gzip by the name."""
    listed = list(delivered)
    path.parent.mkdir(parents=True, exist_ok=True)
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "wt", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, listed[0])
        writer.writeheader()
        writer.writerows(listed)
    return path


def write_parquet(path: Path, delivered: Iterable[Row]) -> Path:
    """Typed as AWS writes it: times, doubles, tags as MAP."""
    source = write_csv(path.with_suffix(".tmp"), delivered)
    path.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as connection:
        # A month folder's name must not become a column.
        bill = f"read_csv('{source}', all_varchar = true, hive_partitioning = false)"
        names = [name for name, *_ in connection.execute(f"describe from {bill}").fetchall()]
        shown = ", ".join(f'{_typed(name)} as "{name}"' for name in names)
        connection.execute(f"copy (select {shown} from {bill}) to '{path}' (format parquet)")
    source.unlink()
    return path


def _typed(name: str) -> str:
    value = f'''nullif("{name}", '')'''
    if name.endswith(("Start", "End")):
        return f"cast({value} as timestamp)"
    if name.endswith(("Cost", "UnitPrice", "Quantity")):
        return f"cast({value} as double)"
    if name == "Tags":
        return f"cast(cast({value} as json) as map(varchar, varchar))"
    return value


def data_export(
    root: Path, name: str, period: str, run: str, delivered: Iterable[Row], listed: bool = True
) -> None:
    """One run of an AWS Data Export: data and manifest below the export's folder."""
    place = f"BILLING_PERIOD={period}/{run}"
    file = write_csv(root / name / "data" / place / f"{name}-00001.csv.gz", delivered)
    if listed:
        manifest = root / name / "metadata" / place / f"{name}-Manifest.json"
        manifest.parent.mkdir(parents=True)
        key = f"s3://bills/{name}/data/{place}/{file.name}"
        manifest.write_text(json.dumps({"dataFiles": [key]}))


def azure_run(
    root: Path, period: str, run: str, submitted: str, delivered: list[Row], kind: str = "FocusCost"
) -> None:
    """One run of an Azure export with its manifest.json."""
    days = {"01": 31, "02": 28, "03": 31, "04": 30, "05": 31, "06": 30}[period[5:]]
    digits = period.replace("-", "")
    folder = root / "focus-daily" / f"{digits}01-{digits}{days}" / run
    file = write_csv(folder / "part_0_0001.csv", delivered)
    blob = {
        "blobName": f"exports/focus-daily/{digits}01-{digits}{days}/{run}/part_0_0001.csv",
        "byteCount": file.stat().st_size,
        "dataRowCount": len(delivered),
    }
    manifest = {
        "blobs": [blob],
        "exportConfig": {"exportName": "focus-daily", "type": kind},
        "runInfo": {"runId": run, "submittedTime": submitted},
    }
    (folder / "manifest.json").write_text(json.dumps(manifest))
