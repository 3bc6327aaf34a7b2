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

from orchestration.closing.books import BOOK_TABLES, show_books
from orchestration.exports.kinds import KINDS
from orchestration.exports.ledger import Ledger
from orchestration.exports.raw_sql import Hiding, Variant, raw_view_sql
from orchestration.exports.raw_tables import OPS_TABLES, ledger_statements
from orchestration.exports.schemas import DeclaredColumn
from orchestration.exports.workspace import Workspace
from orchestration.privacy import protector, rules

__all__ = [
    "RAW_TABLES",
    "QueuedPeriod",
    "landed_sources",
    "fill_queue",
    "mark_built",
    "mark_unbuilt",
    "queue_rebuilds",
    "refresh_raw_views",
]

#: Views over landed files: (schema, view) in the private database, and the declared schema.
RAW_VIEWS = {dataset.view: dataset.schema for kind in KINDS.values() for dataset in kind.datasets}
#: (schema, table) of everything that refresh_raw_views makes.
RAW_TABLES = [
    *([schema, view] for schema, view in RAW_VIEWS),
    *(["raw_ops", table] for table in (*OPS_TABLES, *BOOK_TABLES)),
]

#: Datasets that bills are read together with, and what raw_ops.companions calls them.
COMPANIONS = {"evidence": "usage", "prices": "prices", "inventory": "inventory"}

# A built period without version is one that a build has begun and not finished.
_NOT_BUILT = "built.version_id is null or built.version_id is distinct from landed.version_id"
_FORGET_QUEUED = """
    delete from raw_ops.built_periods as built using raw_ops.rebuild_queue as queued
    where built.source_name = queued.source_name
        and built.billing_period = queued.billing_period"""


# What a bill is read together with: a later price may be that of any month since it became valid.
# Inventories change no bill: who owns what is decided anew by every build, over keys.
_QUEUE_DEPENDENT_BILLS = """
    insert into raw_ops.rebuild_queue
    select distinct
        bills.source_name, bills.billing_period, bills.version_id,
        evidence.kind || ' changed'
    from raw_ops.rebuild_queue as queued
    inner join raw_ops.companions as evidence on queued.source_name = evidence.source_name
    inner join raw_ops.current_versions as bills
        on evidence.provider = bills.provider
        and evidence.kind <> 'inventory'
        and list_has_any(bills.counts_as, ['billed', 'effective'])
        and (
            queued.billing_period = bills.billing_period
            or (
                evidence.kind = 'prices'
                and queued.billing_period < bills.billing_period
            )
        )
    where not exists (
        from raw_ops.rebuild_queue as known
        where known.source_name = bills.source_name
            and known.billing_period = bills.billing_period
    )
    qualify row_number() over (
        partition by bills.source_name, bills.billing_period order by evidence.kind
    ) = 1"""


# There is nothing to build them from: what was built of them stays.
_LEAVE_PRUNED = """
    delete from raw_ops.rebuild_queue as queued using raw_ops.pruned_periods as pruned
    where queued.source_name = pruned.source_name
        and queued.billing_period = pruned.billing_period"""


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
    """(Re)create the raw views of all providers and the raw_ops tables from the data folder.

    `connection` is to the private database, with no transaction open. Only exports that exports.yml
    named at the last landing count. Works with no landed data at all.
    """
    workspace = Workspace(home)
    sources = landed_sources(workspace)
    current = _current_versions(workspace, sources)
    connection.execute("begin transaction")
    try:
        for (schema, view), declared in RAW_VIEWS.items():
            variants = _variants(workspace, current, (schema, view))
            sql = raw_view_sql(declared, variants, str(workspace.raw), _hiding(declared))
            connection.execute(f"create schema if not exists {schema}")
            connection.execute(f"create or replace view {schema}.{view} as\n{sql}")
        connection.execute("create schema if not exists raw_ops")
        for statement in ledger_statements(workspace, [source["name"] for source in sources]):
            connection.execute(statement)
        _fill_current(connection, sources, current)
        show_books(connection, home, [source["name"] for source in sources])
        connection.execute("commit")
    except Exception:
        connection.execute("rollback")
        raise


def queue_rebuilds(
    connection: duckdb.DuckDBPyConnection, home: Path, full: bool = False
) -> list[QueuedPeriod]:
    """Fill raw_ops.rebuild_queue: periods whose current version is not the one that was built.

    `full` queues every landed period. Periods that a build has begun and not finished are always
    queued. Usage that changes takes the same provider's bills of its month with it, prices those of
    their month and all later ones. Months whose landed files were pruned are never queued. Call
    refresh_raw_views first.
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
    connection.execute(_QUEUE_DEPENDENT_BILLS)
    connection.execute(_LEAVE_PRUNED)
    rows = connection.execute("from raw_ops.rebuild_queue").fetchall()
    return [QueuedPeriod(*row) for row in rows]


def fill_queue(connection: duckdb.DuckDBPyConnection, queue: list[QueuedPeriod]) -> None:
    """Put periods back into the queue that a build was planned for."""
    connection.execute("delete from raw_ops.rebuild_queue")
    for entry in queue:
        connection.execute(
            "insert into raw_ops.rebuild_queue values ($1, $2, $3, $4)",
            [entry.source_name, entry.billing_period, entry.version_id, entry.reason],
        )


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


def _hiding(schema: str) -> Hiding:
    """What privacy_rules hides of a declared schema."""
    protect = protector(rules())

    def hide(column: DeclaredColumn, source_kind: str, sql: str) -> str:
        kind = KINDS.get(source_kind)
        provider = kind.provider if kind else ""
        return protect(schema, column.name, column.role, provider, sql)

    return hide


def landed_sources(workspace: Workspace) -> list[dict[str, str]]:
    """The sources that exports.yml named at the last landing."""
    path = workspace.raw / "sources.json"
    return json.loads(path.read_text())["sources"] if path.exists() else []


def _tables(source: dict[str, Any]) -> list[str]:
    """Tables of a source; sources.json named one before a source could have several."""
    return source.get("tables") or [source["table"]]


def _current_versions(workspace: Workspace, sources: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Sidecars of the versions that count."""
    found = []
    for source in sources:
        for table in _tables(source):
            ledger = Ledger(workspace, source["name"], table)
            for period in ledger.periods():
                if sidecar := ledger.current(period):
                    pruned = ledger.pointer(period).pruned_at is not None
                    found.append(sidecar | {"pruned": pruned})
    return found


def _view_of(sidecar: dict[str, Any]) -> tuple[str, str] | None:
    """The view that shows a landed version; None where its kind no longer exists."""
    kind = KINDS.get(sidecar["source_kind"])
    views = {dataset.table: dataset.view for dataset in kind.datasets} if kind else {}
    return views.get(sidecar["table_name"])


def _variants(
    workspace: Workspace, current: list[dict[str, Any]], view: tuple[str, str]
) -> list[Variant]:
    """Files of a view grouped by physical columns, in a stable order."""
    variants: dict[tuple[str, str, str], Variant] = {}
    for sidecar in current:
        if _view_of(sidecar) != view or sidecar["pruned"]:
            continue
        folder = workspace.period_folder(
            sidecar["source_name"], sidecar["table_name"], sidecar["billing_period"]
        )
        account = sidecar.get("account")
        for file in sidecar["files"]:
            columns = sidecar["variants"][file["schema_variant"]]["columns"]
            key = (sidecar["source_kind"], file["schema_variant"], account or "")
            variant = variants.get(key)
            if variant is None:
                variant = variants[key] = Variant(
                    sidecar["source_kind"],
                    columns,
                    file["has_source_row"],
                    file["converted"],
                    sidecar["has_net_costs"],
                    account,
                )
            for known, column in zip(variant.columns, columns, strict=True):
                known["empty"] = known["empty"] and column["empty"]
                known["placeholders"] = known["placeholders"] or column["placeholders"]
            variant.paths.append(str(folder / sidecar["version_id"] / file["landed_path"]))
    return [variants[key] for key in sorted(variants)]


def _fill_current(
    connection: duckdb.DuckDBPyConnection,
    sources: list[dict[str, Any]],
    current: list[dict[str, Any]],
) -> None:
    """raw_ops.current_versions: a billing period's version is that of all its tables together."""
    connection.execute(
        "create or replace table raw_ops.current_versions (source_name varchar, "
        "billing_period varchar, version_id varchar, provider varchar, counts_as varchar[])"
    )
    connection.execute(
        "create or replace table raw_ops.companions "
        "(source_name varchar, provider varchar, kind varchar, is_complete boolean)"
    )
    for source in sources:
        kind = KINDS.get(source["kind"])
        complete = source.get("options", {}).get("complete") != "false"
        for counts_as in sorted({dataset.counts_as for dataset in kind.datasets} if kind else ()):
            if counts_as in COMPANIONS:
                connection.execute(
                    "insert into raw_ops.companions values ($1, $2, $3, $4)",
                    [source["name"], source["provider"], COMPANIONS[counts_as], complete],
                )
    providers = {source["name"]: source["provider"] for source in sources}
    periods: dict[tuple[str, str], dict[str, tuple[str, str]]] = {}
    for sidecar in current:
        place = (sidecar["source_name"], sidecar["billing_period"])
        periods.setdefault(place, {})[sidecar["table_name"]] = (
            sidecar["version_id"],
            sidecar.get("counts_as", "billed"),
        )
    for (source, period), tables in sorted(periods.items()):
        version = "+".join(version for _, (version, _) in sorted(tables.items()))
        connection.execute(
            "insert into raw_ops.current_versions values ($1, $2, $3, $4, $5)",
            [source, period, version, providers[source], sorted({c for _, c in tables.values()})],
        )
