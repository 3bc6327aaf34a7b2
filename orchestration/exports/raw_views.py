"""What landing shows to dbt: the typed view over landed files, the ledger tables, the queue.

All of it is derived from files in the data folder and made again after every landing, in the
private database, inside one transaction. `raw_ops.built_periods` alone is kept.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from orchestration.exports.ledger import Ledger
from orchestration.exports.raw_sql import Variant, line_items_sql
from orchestration.exports.raw_tables import OPS_TABLES, ledger_statements
from orchestration.exports.schemas import literal
from orchestration.exports.workspace import Workspace

__all__ = [
    "RAW_TABLES",
    "QueuedPeriod",
    "mark_built",
    "mark_unbuilt",
    "queue_rebuilds",
    "refresh_raw_views",
]

#: Landed tables: schema and view of the private database, and the declared schema behind it.
LANDED_TABLES = {"line_items": ("raw_aws", "line_items", "aws_line_items")}
#: (schema, table) of everything that refresh_raw_views makes.
RAW_TABLES = [
    *([schema, view] for schema, view, _ in LANDED_TABLES.values()),
    *(["raw_ops", table] for table in OPS_TABLES),
]


# A built period without version is one that a build has begun and not finished.
_NOT_BUILT = "built.version_id is null or built.version_id is distinct from landed.version_id"
_FORGET_QUEUED = """
    delete from raw_ops.built_periods as built using raw_ops.rebuild_queue as queued
    where built.source_name = queued.source_name
        and built.billing_period = queued.billing_period"""


@dataclass(frozen=True)
class QueuedPeriod:
    """A (source, billing period) to rebuild; `version_id` None: it vanished."""

    source_name: str
    billing_period: str
    version_id: str | None
    reason: str

    def __str__(self) -> str:
        return f"{self.source_name} {self.billing_period} ({self.reason})"


def refresh_raw_views(connection: duckdb.DuckDBPyConnection, home: Path) -> None:
    """(Re)create raw_aws.line_items and the raw_ops tables from the data folder.

    `connection` is to the private database, with no transaction open. Only exports that exports.yml
    named at the last landing count. Works with no landed data at all.
    """
    workspace = Workspace(home)
    sources = _sources(workspace)
    current = _current_versions(workspace, sources)
    connection.execute("begin transaction")
    try:
        for table, (schema, view, declared) in LANDED_TABLES.items():
            variants = _variants(workspace, current, table)
            sql = line_items_sql(declared, variants, str(workspace.raw))
            connection.execute(f"create schema if not exists {schema}")
            connection.execute(f"create or replace view {schema}.{view} as\n{sql}")
        connection.execute("create schema if not exists raw_ops")
        for statement in ledger_statements(workspace, [source["name"] for source in sources]):
            connection.execute(statement)
        _fill_current(connection, current)
        connection.execute("commit")
    except Exception:
        connection.execute("rollback")
        raise


def queue_rebuilds(
    connection: duckdb.DuckDBPyConnection, home: Path, full: bool = False
) -> list[QueuedPeriod]:
    """Fill raw_ops.rebuild_queue: periods whose current version is not the one that was built.

    `full` queues every landed period. Periods that a build has begun and not finished are always
    queued. Call refresh_raw_views first.
    """
    connection.execute(f"""
        create or replace table raw_ops.rebuild_queue as
        select
            coalesce(landed.source_name, built.source_name) as source_name,
            coalesce(landed.billing_period, built.billing_period) as billing_period,
            landed.version_id,
            case
                when landed.version_id is null then 'no longer landed'
                when built.source_name is null then 'never built'
                when built.version_id is null then 'build not finished'
                when landed.version_id <> built.version_id then 'landed again'
                else 'full rebuild'
            end as reason
        from raw_ops.current_versions as landed
        full join raw_ops.built_periods as built using (source_name, billing_period)
        where {"true" if full else _NOT_BUILT}
        order by source_name, billing_period""")
    rows = connection.execute("from raw_ops.rebuild_queue").fetchall()
    return [QueuedPeriod(*row) for row in rows]


def mark_unbuilt(connection: duckdb.DuckDBPyConnection) -> None:
    """Forget what the queued periods were built from: a build is about to touch them."""
    connection.execute("begin transaction")
    try:
        connection.execute(_FORGET_QUEUED)
        connection.execute("""
            insert into raw_ops.built_periods
            select source_name, billing_period, null from raw_ops.rebuild_queue""")
        connection.execute("commit")
    except Exception:
        connection.execute("rollback")
        raise


def mark_built(connection: duckdb.DuckDBPyConnection) -> None:
    """Record that the queued periods were built and checked, and empty the queue."""
    connection.execute("begin transaction")
    try:
        connection.execute(_FORGET_QUEUED)
        connection.execute("""
            insert into raw_ops.built_periods
            select source_name, billing_period, version_id
            from raw_ops.rebuild_queue where version_id is not null""")
        connection.execute("delete from raw_ops.rebuild_queue")
        connection.execute("commit")
    except Exception:
        connection.execute("rollback")
        raise


def _sources(workspace: Workspace) -> list[dict[str, str]]:
    path = workspace.raw / "sources.json"
    return json.loads(path.read_text())["sources"] if path.exists() else []


def _current_versions(workspace: Workspace, sources: list[dict[str, str]]) -> list[dict[str, Any]]:
    """Sidecars of the versions that count."""
    found = []
    for source in sources:
        ledger = Ledger(workspace, source["name"], source["table"])
        found += [sidecar for period in ledger.periods() if (sidecar := ledger.current(period))]
    return found


def _variants(workspace: Workspace, current: list[dict[str, Any]], table: str) -> list[Variant]:
    """Files of a table grouped by physical columns, in a stable order."""
    variants: dict[tuple[str, str], Variant] = {}
    for sidecar in current:
        if sidecar["table_name"] != table:
            continue
        folder = workspace.period_folder(sidecar["source_name"], table, sidecar["billing_period"])
        for file in sidecar["files"]:
            columns = sidecar["variants"][file["schema_variant"]]["columns"]
            key = (sidecar["source_kind"], file["schema_variant"])
            variant = variants.get(key)
            if variant is None:
                variant = variants[key] = Variant(
                    sidecar["source_kind"],
                    columns,
                    file["has_source_row"],
                    file["converted"],
                    sidecar["has_net_costs"],
                )
            for known, column in zip(variant.columns, columns, strict=True):
                known["empty"] = known["empty"] and column["empty"]
                known["placeholders"] = known["placeholders"] or column["placeholders"]
            variant.paths.append(str(folder / sidecar["version_id"] / file["landed_path"]))
    return [variants[key] for key in sorted(variants)]


def _fill_current(connection: duckdb.DuckDBPyConnection, current: list[dict[str, Any]]) -> None:
    connection.execute(
        "create or replace table raw_ops.current_versions "
        "(source_name varchar, billing_period varchar, version_id varchar)"
    )
    if current:
        values = ", ".join(
            f"({literal(c['source_name'])}, {literal(c['billing_period'])}, "
            f"{literal(c['version_id'])})"
            for c in current
        )
        connection.execute(f"insert into raw_ops.current_versions values {values}")
