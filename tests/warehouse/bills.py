"""Deliveries in tests: hand them over one by one, change one, write one in another format.

Works on CUR 2.0 exports in the layout of AWS Data Exports (`data/BILLING_PERIOD=YYYY-MM/<run>/`
with a manifest per run below `metadata/`), which is what the sample estate writes.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

import duckdb

PARTITION = "BILLING_PERIOD="


@dataclass(frozen=True, order=True)
class Run:
    """One delivery of one month: its run folder's name starts with the time it was made."""

    period: str
    run: str
    export: str

    @property
    def place(self) -> str:
        return f"{PARTITION}{self.period}/{self.run}"


def runs(location: Path) -> list[Run]:
    """Deliveries of an export, by month and then by age."""
    found = set()
    for folder in location.glob(f"**/data/{PARTITION}*/*"):
        export = folder.parent.parent.parent.relative_to(location)
        found.add(Run(folder.parent.name.removeprefix(PARTITION), folder.name, str(export)))
    return sorted(found)


def hand_over(source: Path, target: Path, delivery: Run) -> None:
    """Copy one delivery, data and manifest, from one export's location to another's."""
    for tree in ("data", "metadata"):
        folder = Path(delivery.export) / tree / delivery.place
        shutil.copytree(source / folder, target / folder)


def withdraw(location: Path, period: str) -> None:
    """Remove every delivery of a month, as an export that is switched off and cleaned up."""
    for delivery in runs(location):
        if delivery.period == period:
            for tree in ("data", "metadata"):
                shutil.rmtree(location / delivery.export / tree / delivery.place)
                month = location / delivery.export / tree / f"{PARTITION}{period}"
                if not any(month.iterdir()):
                    month.rmdir()


def redeliver(location: Path, delivery: Run, run: str, *changes: str, as_csv: bool = False) -> Run:
    """Write a delivery's bill again under another run folder, after changing table `bill`.

    The bill keeps its column types, so that money stays as it was delivered. ``as_csv`` writes
    csv.gz with maps as JSON text, as Data Exports does for that format.
    """
    again = Run(delivery.period, run, delivery.export)
    files = sorted((location / delivery.export / "data" / delivery.place).glob("*.parquet"))
    data = location / again.export / "data" / again.place
    metadata = location / again.export / "metadata" / again.place
    data.mkdir(parents=True)
    metadata.mkdir(parents=True)
    entries = []
    with duckdb.connect() as connection:
        for number, file in enumerate(files, start=1):
            connection.execute(f"create or replace table bill as from read_parquet('{file}')")
            for change in changes:
                connection.execute(change)
            if as_csv:
                written = data / f"bill-{number:05d}.csv.gz"
                connection.execute(
                    f"copy ({_with_json_maps(connection)}) to '{written}' "
                    "(format csv, header, compression gzip)"
                )
            else:
                written = data / f"bill-{number:05d}.snappy.parquet"
                connection.execute(f"copy bill to '{written}' (format parquet)")
            entries.append(f"s3://bills/{again.export}/data/{again.place}/{written.name}")
    manifest = {"dataFiles": entries, "exportArn": "arn:aws:bcm-data-exports:::export/test"}
    (metadata / "bill-Manifest.json").write_text(json.dumps(manifest))
    return again


def _with_json_maps(connection: duckdb.DuckDBPyConnection) -> str:
    columns = connection.execute("select column_name, data_type from (describe bill)").fetchall()
    shown = [
        f'cast(to_json("{name}") as varchar) as "{name}"' if kind.startswith("MAP") else f'"{name}"'
        for name, kind in columns
    ]
    return f"select {', '.join(shown)} from bill"
