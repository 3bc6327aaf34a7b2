"""Where verdicts are kept: a Parquet file per run, and the public table made of all of them."""

from __future__ import annotations

import datetime as dt
import json
import os
from pathlib import Path

import duckdb

from orchestration.exclusive import PUBLIC_CATALOG
from orchestration.quality.policies import Judged

TABLE = f"{PUBLIC_CATALOG}.quality.expectation_results"
# Long enough to compare with the same month a year ago.
KEPT_DAYS = 400

_COMMENT = (
    "One row per run of the policies, policy and currency: what was measured, what was asked and "
    "the verdict. Earlier runs are kept for 400 days."
)

# Name, type and meaning of each column; the order is that of `_row`.
COLUMNS = (
    ("checked_at", "timestamp", "When the policies were checked, UTC."),
    ("is_current", "boolean", "Whether it is the latest run: what this file was published with."),
    ("policy", "varchar", "Policy, as in seed coverage_policies."),
    ("check_kind", "varchar", "What is measured, see seed coverage_policies."),
    ("governed_key", "varchar", "Key that it is about; * where it is about none."),
    ("scope", "varchar", "Charges that it is about, in words."),
    ("currency", "varchar", "Currency of the costs; NULL where the policy is not about costs."),
    ("verdict", "varchar", "pass, warn, fail, not_judged (too little cost) or no_data."),
    ("measured", "double", "What was measured: a share of 1, or days. NULL: nothing."),
    ("floor_to_warn", "decimal(18,6)", "Share below which, or days above which, it warns."),
    ("floor_to_fail", "decimal(18,6)", "The same for stopping publication."),
    ("judged_cost", "decimal(38,16)", "Effective cost that was judged."),
    ("missing_cost", "decimal(38,16)", "What of it lacks what the policy asks for."),
    ("window_from", "date", "First day with charges in the window."),
    ("window_to", "date", "Last day with charges in the window."),
    ("newest_snapshot_at", "timestamp", "Snapshot whose age was judged, of inventories."),
    ("owner_to_tell", "varchar", "Who is told."),
    ("reason", "varchar", "Why there is such a policy."),
    ("expectations", "varchar", "Result of Great Expectations, as JSON."),
)


def history_folder(data: Path) -> Path:
    """Where runs are kept: beside the databases, so that rebuilding them loses none."""
    return data / "quality" / "expectation_results"


def store(
    connection: duckdb.DuckDBPyConnection, data: Path, policies: list[Judged], now: dt.datetime
) -> None:
    """Keep this run and write the public table anew, from all runs that are kept."""
    folder = history_folder(data)
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("run-*.parquet"):
        if old.stem < f"run-{now - dt.timedelta(days=KEPT_DAYS):%Y%m%dT%H%M%S}":
            old.unlink()
    kept = [column for column in COLUMNS if column[0] != "is_current"]
    connection.execute(
        "create or replace temp table this_run ("
        + ", ".join(f"{name} {kind}" for name, kind, _ in kept)
        + ")"
    )
    if policies:
        connection.executemany(
            f"insert into this_run values ({', '.join('?' for _ in kept)})",
            [_row(policy, now) for policy in policies],
        )
    path = folder / f"run-{now:%Y%m%dT%H%M%S%f}.parquet"
    partial = path.with_suffix(".partial")
    connection.execute(f"copy this_run to '{_quoted(partial)}' (format parquet)")
    os.replace(partial, path)
    connection.execute("drop table this_run")
    _write_table(connection, folder, now)


def _write_table(connection: duckdb.DuckDBPyConnection, folder: Path, now: dt.datetime) -> None:
    current = f"checked_at = timestamp '{now}'"
    selected = ", ".join(
        f"cast({current if name == 'is_current' else name} as {kind}) as {name}"
        for name, kind, _ in COLUMNS
    )
    connection.execute(f"create schema if not exists {PUBLIC_CATALOG}.quality")
    connection.execute(
        f"create or replace table {TABLE} as select {selected} from read_parquet("
        f"'{_quoted(folder)}/run-*.parquet', union_by_name = true) order by checked_at, policy"
    )
    connection.execute(f"comment on table {TABLE} is '{_COMMENT}'")
    for name, _, meaning in COLUMNS:
        connection.execute(f"comment on column {TABLE}.{name} is '{meaning}'")


def _row(policy: Judged, now: dt.datetime) -> list[object]:
    values = {
        "checked_at": now,
        "scope": policy.scope,
        "expectations": json.dumps(policy.gx_result.get("results", []), default=str),
    }
    return [
        values[name] if name in values else getattr(policy, name)
        for name, _, _ in COLUMNS
        if name != "is_current"
    ]


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
