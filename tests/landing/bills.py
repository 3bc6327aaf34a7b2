"""Small real deliveries for the landing tests: rows, file writers and the folders AWS makes."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from orchestration.exports.schemas import declared_columns

ROLES = {column.name: column.role for column in declared_columns("aws_line_items")}
LEGACY = {c.name: c.spellings[0] for c in declared_columns("aws_line_items") if c.spellings}
MAPS = [name for name, role in ROLES.items() if role == "map"]

Row = dict[str, Any]


def month_after(period: str) -> str:
    year, month = int(period[:4]), int(period[5:])
    return f"{year + month // 12}-{month % 12 + 1:02d}"


def rows(
    period: str = "2026-05",
    count: int = 6,
    *,
    payer: str = "001234567890",
    account: str = "000000000042",
    seed: str = "a",
    cost: str = "0.1",
) -> list[Row]:
    """Line items of one account: values as AWS writes them, ids with leading zeros."""
    return [
        {
            "identity_line_item_id": f"{seed}-{period}-{number}",
            "identity_time_interval": f"{period}-01T{number % 24:02d}:00:00Z/{period}-01T23:00:00Z",
            "bill_bill_type": "Anniversary",
            "bill_billing_period_start_date": f"{period}-01T00:00:00.000Z",
            "bill_billing_period_end_date": f"{month_after(period)}-01T00:00:00.000Z",
            "bill_payer_account_id": payer,
            "bill_invoice_id": "",
            "line_item_usage_account_id": account,
            "line_item_line_item_type": "Usage",
            "line_item_usage_start_date": f"{period}-01T{number % 24:02d}:00:00.000Z",
            "line_item_usage_end_date": f"{period}-01T{number % 24:02d}:59:59.000Z",
            "line_item_product_code": "AmazonEC2",
            "line_item_usage_type": "BoxUsage:p5.48xlarge",
            "line_item_currency_code": "USD",
            "line_item_usage_amount": "1.5",
            "line_item_unblended_cost": str(Decimal(cost) * (number + 1)),
            "line_item_unblended_rate": "55.04",
            "line_item_line_item_description": 'He said "p5, please"',
            "pricing_public_on_demand_cost": "2.25",
            "product_instance_type": "p5.48xlarge",
            "product": {"vcpu": "192", "gpu_memory": "640 GB"},
            "resource_tags": {"user_team": "vision"} if number % 2 else {},
        }
        for number in range(count)
    ]


def write_csv(
    path: Path,
    bill: Iterable[Row],
    *,
    legacy: bool = False,
    rename: dict[str, str] | None = None,
    drop: Iterable[str] = (),
    delimiter: str = ",",
    line_end: str = "\n",
    bom: bool = False,
    header: list[str] | None = None,
) -> Path:
    """CUR 2.0 CSV (JSON text in maps) or, with `legacy`, slash names and folded-out columns."""
    flat = [_legacy(row) if legacy else _with_json(row) for row in bill]
    names = [n for n in dict.fromkeys(name for row in flat for name in row) if n not in drop]
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, lineterminator=line_end)
    writer.writerow(header or [(rename or {}).get(name, name) for name in names])
    writer.writerows([row.get(name, "") for name in names] for row in flat)
    data = text.getvalue().encode("utf-8-sig" if bom else "utf-8")
    path.parent.mkdir(parents=True, exist_ok=True)
    # mtime 0: the same rows are the same bytes.
    path.write_bytes(gzip.compress(data, mtime=0) if path.suffix == ".gz" else data)
    return path


def _with_json(row: Row) -> Row:
    return {k: json.dumps(v) if isinstance(v, dict) else v for k, v in row.items()}


def _legacy(row: Row) -> Row:
    flat: Row = {}
    for name, value in row.items():
        if name == "product":
            camel = {"vcpu": "vcpu", "gpu_memory": "gpuMemory"}
            flat |= {f"product/{camel.get(key, key)}": text for key, text in value.items()}
        elif name == "resource_tags":
            flat |= {f"resourceTags/{key}": text for key, text in value.items()}
        else:
            flat[LEGACY.get(name, name)] = value
    return flat


def write_parquet(
    path: Path,
    bill: Iterable[Row],
    *,
    drop: Iterable[str] = (),
    extra: dict[str, str] | None = None,
    types: dict[str, str] | None = None,
) -> Path:
    """CUR 2.0 Parquet as AWS types it: text, DOUBLE, TIMESTAMP, MAP; `extra` adds SQL columns."""
    path.parent.mkdir(parents=True, exist_ok=True)
    staged = path.with_suffix(".json")
    staged.write_text("\n".join(json.dumps(row) for row in bill))
    kinds = {"text": "varchar", "timestamp": "timestamp", "map": "map(varchar, varchar)"}
    names = [n for n in dict.fromkeys(name for row in bill for name in row) if n not in drop]
    selected = []
    for name in names:
        kind = (types or {}).get(name) or kinds.get(ROLES.get(name, "text"), "double")
        text = f'"{name}"' if ROLES.get(name) == "map" else f"nullif(\"{name}\", '')"
        value = text if kind == "varchar" else f"cast({text} as {kind})"
        selected.append(f'{value} as "{name}"')
    selected += [f'{sql} as "{name}"' for name, sql in (extra or {}).items()]
    columns = ", ".join(
        f"\"{name}\": '{'json' if ROLES.get(name) == 'map' else 'varchar'}'" for name in names
    )
    with duckdb.connect() as connection:
        connection.execute(
            f"copy (select {', '.join(selected)} from read_json('{staged}', "
            f"format = 'newline_delimited', columns = {{{columns}}})) "
            f"to '{path}' (format parquet, compression snappy)"
        )
    staged.unlink()
    return path


@dataclass
class DataExport:
    """A CUR 2.0 export folder: data/BILLING_PERIOD=.../[run/] and its manifests."""

    root: Path
    name: str = "cur2"
    overwrite: bool = False
    manifests: list[Path] = field(default_factory=list)

    def folder(self, tree: str, period: str, run: str) -> Path:
        folder = self.root / tree / f"BILLING_PERIOD={period}"
        return folder if self.overwrite else folder / run

    def part(self, period: str, run: str, number: int = 1, suffix: str = "snappy.parquet") -> Path:
        return self.folder("data", period, run) / f"{self.name}-{number:05d}.{suffix}"

    def manifest(
        self, period: str, run: str, parts: Iterable[Path], as_objects: bool = False, **more: Any
    ) -> Path:
        keys = [f"s3://bucket/some/prefix/{part.relative_to(self.root)}" for part in parts]
        files = (
            [
                {"key": key, "sizeBytes": part.stat().st_size, **more}
                for key, part in zip(keys, parts, strict=True)
            ]
            if as_objects
            else keys
        )
        path = self.folder("metadata", period, run) / f"{self.name}-Manifest.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({"dataFiles": files}))
        return path

    def deliver(
        self, period: str, run: str, bill: list[Row], parts: int = 1, suffix: str = "snappy.parquet"
    ) -> list[Path]:
        """Write a whole delivery: parts, then the manifest."""
        paths = []
        for number in range(parts):
            path = self.part(period, run, number + 1, suffix)
            write = write_parquet if suffix.endswith("parquet") else write_csv
            paths.append(write(path, bill[number::parts]))
        self.manifest(period, run, paths)
        return paths


@dataclass
class LegacyReport:
    """A legacy report folder: <report>/<month>/[assembly/] with manifests."""

    root: Path
    name: str = "cur"

    def month(self, period: str) -> Path:
        after = month_after(period).replace("-", "")
        return self.root / self.name / f"{period.replace('-', '')}01-{after}01"

    def deliver(
        self,
        period: str,
        bill: list[Row],
        assembly: str | None = "0a1b2c3d",
        parts: int = 1,
        suffix: str = "csv.gz",
        month_manifest: bool = True,
    ) -> list[Path]:
        folder = self.month(period) / assembly if assembly else self.month(period)
        paths = []
        for number in range(parts):
            path = folder / f"{self.name}-{number + 1:05d}.{suffix}"
            if suffix.endswith("parquet"):
                paths.append(write_parquet(path, [_athena(row) for row in bill[number::parts]]))
            else:
                paths.append(write_csv(path, bill[number::parts], legacy=True))
        body = json.dumps(
            {
                "assemblyId": assembly or "overwritten",
                "reportKeys": [f"exports/{p.relative_to(self.root)}" for p in paths],
            }
        )
        if assembly:
            (folder / f"{self.name}-Manifest.json").write_text(body)
        if month_manifest:
            (self.month(period) / f"{self.name}-Manifest.json").write_text(body)
        return paths


def _athena(row: Row) -> Row:
    flat: Row = {}
    for name, value in row.items():
        if name in ("product", "resource_tags"):
            flat |= {f"{name}_{key}": text for key, text in value.items()}
        else:
            flat[name] = value
    return flat


def exact_total(path: Path, column: str) -> Decimal:
    """The column's total by Python's csv and Decimal, independent of DuckDB."""
    data = path.read_bytes()
    text = (gzip.decompress(data) if path.suffix == ".gz" else data).decode("utf-8-sig")
    return sum(
        (Decimal(row[column] or 0) for row in csv.DictReader(io.StringIO(text, newline=""))),
        Decimal(0),
    )
