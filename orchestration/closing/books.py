"""The kept books of closed months: files beside the ledger, and the tables that show them to dbt.

<home>/kept/<source>/billing_period=YYYY-MM/closings.json lists what happened to a month: closings
and reopenings. Each closing has a folder with what was said of each charge, how shared costs were
shared, and the lines of the statement. The folders are never written again; the list is replaced by
rename, so that a month is closed or it is not.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from orchestration.exports.ledger import write_json
from orchestration.exports.schemas import identifier, literal
from orchestration.exports.workspace import glob_escaped

MONEY = "decimal(38,16)"
_KEY = {"source_name": "varchar", "billing_period": "varchar", "key_digest": "varchar"}
_GOVERNED = ("team", "project", "environment", "cost_centre", "model", "experiment", "data_set")
#: Tables of raw_ops, each with the columns that a closing keeps. A column that an older closing
#: does not have is NULL.
KEPT = {
    "kept_attributions": _KEY
    | {"valid_from": "timestamp", "valid_to": "timestamp"}
    | {"business_unit": "varchar", "owner_evidence": "varchar"}
    | {name: "varchar" for key in _GOVERNED for name in (key, f"{key}_source")}
    | dict.fromkeys(
        ("owner_source", "owner_confidence", "owner_class", "workload_phase", "phase_source"),
        "varchar",
    )
    | {"accelerator_model": "varchar", "accelerator_count": "decimal(18,6)"}
    | {"accelerator_memory_gib": "decimal(18,6)", "accelerator_source": "varchar"},
    "kept_shares": _KEY
    | {"valid_from": "timestamp"}
    | dict.fromkeys(
        ("policy", "method", "driver", "method_id", "residual_class", "business_unit")
        + ("cost_centre", "team", "project"),
        "varchar",
    )
    | {"weight": MONEY, "ratio": "decimal(13,12)"},
    "kept_statements": dict.fromkeys(
        ("statement_month", "source_name", "billing_period", "billing_account_id")
        + ("billing_currency", "business_unit", "cost_centre", "team", "project", "line_type")
        + ("restated_period", "restated_line_type", "owner_class", "service_category"),
        "varchar",
    )
    | {"billed_cost": MONEY, "effective_cost": MONEY},
}
CLOSED_PERIODS = {
    "source_name": "varchar",
    "billing_period": "varchar",
    "sequence": "bigint",
    "closed_at": "timestamp",
    "version_id": "varchar",
    "reason": "varchar",
}
BOOK_TABLES = ("closed_periods", *KEPT)


@dataclass(frozen=True)
class Closed:
    """A closed month of a source: which closing counts, since when, of which bill, and why."""

    source_name: str
    billing_period: str
    sequence: int
    closed_at: datetime
    version_id: str
    reason: str


class Books:
    """The closings of a data folder."""

    def __init__(self, home: Path) -> None:
        self.folder = home / "kept"

    def period_folder(self, source: str, period: str) -> Path:
        """Where the closings of a month are."""
        return self.folder / source / f"billing_period={period}"

    def closing_folder(self, closed: Closed) -> Path:
        """The files of a closing."""
        place = self.period_folder(closed.source_name, closed.billing_period)
        return place / f"{closed.sequence:06d}"

    def events(self, source: str, period: str) -> list[dict[str, Any]]:
        """Closings and reopenings of a month, oldest first."""
        path = self.period_folder(source, period) / "closings.json"
        return json.loads(path.read_text())["events"] if path.exists() else []

    def record(self, source: str, period: str, event: dict[str, Any]) -> None:
        """Add an event to a month; from here on it counts."""
        stamped = {**event, "at": datetime.now(UTC).replace(tzinfo=None).isoformat(sep=" ")}
        body = {"source_name": source, "billing_period": period}
        events = [*self.events(source, period), stamped]
        write_json(self.period_folder(source, period) / "closings.json", body | {"events": events})

    def next_sequence(self, source: str, period: str) -> int:
        """Number of the next closing of a month."""
        known = [event["sequence"] for event in self.events(source, period) if "sequence" in event]
        return 1 + max(known, default=0)

    def closed(self) -> Iterator[Closed]:
        """Closed months, by source and month."""
        for path in sorted(self.folder.glob("*/billing_period=*/closings.json")):
            body = json.loads(path.read_text())
            last = body["events"][-1]
            if last["action"] == "close":
                yield Closed(
                    body["source_name"],
                    body["billing_period"],
                    last["sequence"],
                    datetime.fromisoformat(last["at"]),
                    last["version_id"],
                    last["reason"],
                )


def show_books(connection: duckdb.DuckDBPyConnection, home: Path, sources: list[str]) -> None:
    """(Re)create raw_ops.closed_periods and the kept tables, of these sources."""
    books = Books(home)
    closed = [one for one in books.closed() if one.source_name in sources]
    _create(connection, "closed_periods", CLOSED_PERIODS)
    for one in closed:
        connection.execute(
            "insert into raw_ops.closed_periods values ($1, $2, $3, $4, $5, $6)",
            [*(getattr(one, name) for name in CLOSED_PERIODS)],
        )
    for table, columns in KEPT.items():
        _create(connection, table, columns)
        files = [books.closing_folder(one) / f"{table}.parquet" for one in closed]
        if not files:
            continue
        listed = ", ".join(literal(glob_escaped(path)) for path in files)
        # A correction is about another month than the folder that it is kept in.
        options = "union_by_name = true, hive_partitioning = false"
        relation = f"read_parquet([{listed}], {options})"
        found = connection.execute(f"describe select * from {relation}").fetchall()
        names = ", ".join(identifier(row[0]) for row in found if row[0] in columns)
        connection.execute(f"insert into raw_ops.{table} by name select {names} from {relation}")


def _create(connection: duckdb.DuckDBPyConnection, table: str, columns: dict[str, str]) -> None:
    listed = ", ".join(f"{identifier(name)} {kind}" for name, kind in columns.items())
    connection.execute(f"create or replace table raw_ops.{table} ({listed})")
