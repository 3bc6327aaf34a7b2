"""Writes CUR 2.0 exports in the Data Exports create-new layout, Parquet or csv.gz."""

import json
from pathlib import Path

import duckdb

from sample_estate.aws.deliveries import Assembly, Part, create_assembly_fees
from sample_estate.aws.projection import (
    CUR_COLUMNS,
    fee_columns,
    select_list,
    split_columns,
    usage_columns,
)

EXPORT = "halden-cur2-hourly"
BUCKET = "halden-billing"
PREFIX = "aws_main"


class Cur2Writer:
    """Writes the parts of assemblies below ``root`` (the export's location)."""

    def __init__(self, root: Path, file_format: str):
        if file_format not in ("parquet", "csv"):
            raise ValueError(f"CUR 2.0 comes as parquet or csv, not {file_format!r}")
        self.root = root
        self.file_format = file_format

    def __call__(self, con: duckdb.DuckDBPyConnection, part: Part) -> Path:
        """Write one file; after the last one of an assembly also its manifests."""
        assembly = part.assembly
        suffix = "snappy.parquet" if self.file_format == "parquet" else "csv.gz"
        folder = self._period(assembly, "data") / self._run(assembly)
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{EXPORT}-{part.number:05d}.{suffix}"
        rows = " union all ".join(part_queries(con, part))
        if self.file_format == "parquet":
            options = "format parquet, compression snappy, row_group_size 122880"
        else:
            rows = f"select {_csv_columns()} from ({rows})"
            options = "format csv, header, compression gzip"
        con.execute(f"copy ({rows}) to '{path}' ({options})")
        if part.with_fees:
            self._write_manifests(assembly, folder, suffix)
        return path

    def _period(self, assembly: Assembly, kind: str) -> Path:
        return self.root / EXPORT / kind / f"BILLING_PERIOD={assembly.month.name}"

    def _run(self, assembly: Assembly) -> str:
        return f"{assembly.delivered_at}-{assembly.assembly_id}"

    def _write_manifests(self, assembly: Assembly, folder: Path, suffix: str) -> None:
        """Write the run's own manifest and, for the current run, the month's."""
        files = sorted(folder.glob(f"*.{suffix}"))
        manifest = {
            "executionId": assembly.assembly_id,
            "exportArn": f"arn:aws:bcm-data-exports:us-east-1:012345678901:export/{EXPORT}",
            "exportName": EXPORT,
            "createdAt": assembly.delivered_at,
            "lastUpdatedAt": assembly.delivered_at,
            "billingPeriod": {
                "start": f"{assembly.month.start}T00:00:00.000Z",
                "end": f"{assembly.month.end}T00:00:00.000Z",
            },
            "bucket": BUCKET,
            "contentType": "Parquet" if self.file_format == "parquet" else "Text/CSV",
            "compression": "Parquet" if self.file_format == "parquet" else "GZIP",
            "tableConfigurations": {
                "COST_AND_USAGE_REPORT": {
                    "TIME_GRANULARITY": "HOURLY",
                    "INCLUDE_RESOURCES": "TRUE",
                    "INCLUDE_SPLIT_COST_ALLOCATION_DATA": "TRUE",
                    "INCLUDE_MANUAL_DISCOUNT_COMPATIBILITY": "FALSE",
                    "INCLUDE_CAPACITY_RESERVATION_DATA": "TRUE",
                    "INCLUDE_IAM_PRINCIPAL_DATA": "TRUE",
                }
            },
            "columns": [
                {"name": name, "type": kind.replace("varchar", "string")}
                for name, kind in CUR_COLUMNS
            ],
            "dataFiles": [
                f"s3://{BUCKET}/{PREFIX}/{path.relative_to(self.root)}" for path in files
            ],
        }
        text = json.dumps(manifest, indent=2) + "\n"
        months = self._period(assembly, "metadata")
        places = [months / self._run(assembly)] + ([months] if assembly.is_current else [])
        for place in places:
            place.mkdir(parents=True, exist_ok=True)
            (place / f"{EXPORT}-Manifest.json").write_text(text, encoding="utf-8")


def part_queries(con: duckdb.DuckDBPyConnection, part: Part) -> list[str]:
    """Return the queries whose rows, in this order, are one file's CUR 2.0 rows."""
    month = part.assembly.month
    start, end = str(month.start), str(month.end)

    def wide(columns: dict[str, str]) -> str:
        return ",\n".join(select_list(columns, start, end))

    joined = (
        f" inner join assembly_streams_{part.assembly.source} as s using (stream_id)"
        " inner join hours as h using (hour_index)"
    )
    queries = [
        f"select {wide(usage_columns())} from lines as l {joined}",
        f"select {wide(split_columns())} from split_lines as l {joined}",
    ]
    if part.with_fees:
        create_assembly_fees(con, part.assembly)
        queries.append(f"select {wide(fee_columns())} from assembly_fees as l")
    return queries


def _csv_columns() -> str:
    """Text forms of a CSV delivery: maps as JSON, timestamps with milliseconds and Z."""
    forms = []
    for name, kind in CUR_COLUMNS:
        if kind.startswith("map"):
            forms.append(f"cast(to_json({name}) as varchar) as {name}")
        elif kind == "timestamp":
            forms.append(f"strftime({name}, '%Y-%m-%dT%H:%M:%S.000Z') as {name}")
        else:
            forms.append(name)
    return ", ".join(forms)
