"""A rebuild of all history where the landed files of some months are gone: their rows are kept.

The rows of those months are saved before tables are dropped and put back before anything reads
them. They stay as they were built, by the rules of their time. What was saved is deleted only when
a build has succeeded, so an interrupted one loses nothing.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import duckdb

from orchestration.exclusive import PUBLIC_CATALOG
from orchestration.exports.errors import ConfigError
from orchestration.exports.schemas import identifier, literal

#: The tables that are replaced by month and what they read. The build that follows finds an empty
#: queue, so it leaves them as they are and makes the others.
CONVERSION = (
    "build", "--full-refresh", "--select", "+config.materialized:incremental",
    "--exclude-resource-type", "test", "unit_test",
)  # fmt: skip
#: Columns that tell the month of a row, in tables that are replaced by month.
MONTHS = (("x_source_name", "x_billing_period"), ("source_name", "billing_period"))


def saved_folder(data: Path) -> Path:
    """Where rows wait to be put back."""
    return data / "build" / "kept_rows"


def replaced_by_month(manifest: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Catalog, schema and name of the tables that builds replace by month."""
    return [
        (node["database"], node["schema"], node["alias"])
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and node["config"]["materialized"] == "incremental"
    ]


def require(
    connection: duckdb.DuckDBPyConnection, data: Path, pruned: list[tuple[str, str]]
) -> None:
    """Refuse to rebuild all where neither landed files nor tables have the pruned months.

    Raises ConfigError with what to do.
    """
    if saved_folder(data).exists():
        return
    missing = [
        f"{source} {period}"
        for source, period in pruned
        if not _is_in_the_bill(connection, source, period)
    ]
    if missing:
        raise ConfigError(
            str(data),
            None,
            f"of {', '.join(missing)} there are neither landed files, which were pruned, nor rows "
            "in the tables that were built; what is published would lose them.",
            "Put back build/ai_finops.duckdb (published/ has the copy of the last good build) and "
            "warehouse.duckdb; or give these months up: delete their current.json below raw/, and "
            "they are landed again if they are still delivered.",
        )


def _is_in_the_bill(connection: duckdb.DuckDBPyConnection, source: str, period: str) -> bool:
    """Whether the bill has rows of a month; a source that bills nothing has nothing to lose."""
    bills = connection.execute(
        "select count(*) from raw_ops.current_versions where source_name = $1 "
        "and billing_period = $2 and list_contains(counts_as, 'billed')",
        [source, period],
    ).fetchone()[0]
    if not bills:
        return True
    try:
        return connection.execute(
            f"select count(*) > 0 from {PUBLIC_CATALOG}.focus.cost_and_usage "
            "where x_source_name = $1 and x_billing_period = $2",
            [source, period],
        ).fetchone()[0]
    except duckdb.CatalogException:
        return False


def told(pruned: list[tuple[str, str]]) -> str:
    """What a report says of a rebuild that leaves months as they are."""
    months = ", ".join(f"{source} {period}" for source, period in pruned)
    return f"landed files are pruned, so nothing rebuilds {months}: their rows are kept"


def save(connection: duckdb.DuckDBPyConnection, data: Path, tables: list[tuple[str, ...]]) -> None:
    """Write the pruned months' rows of the tables that are replaced by month, unless that is done.

    A folder that is there is of a rebuild that was not finished: by now the tables may lack rows.
    """
    folder = saved_folder(data)
    if folder.exists():
        return
    partial = folder.with_name(".kept_rows.tmp")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    for catalog, schema, table in tables:
        columns = connection.execute(
            "select column_name from duckdb_columns() where database_name = $1 "
            "and schema_name = $2 and table_name = $3",
            [catalog, schema, table],
        ).fetchall()
        months = _months({name for (name,) in columns})
        if months is None:
            continue
        path = literal(str(partial / f"{catalog}.{schema}.{table}.parquet"))
        connection.execute(f"""
            copy (
                select kept.* from {_name(catalog, schema, table)} as kept
                semi join raw_ops.pruned_periods as pruned
                    on kept.{months[0]} = pruned.source_name
                    and kept.{months[1]} = pruned.billing_period
            ) to {path} (format parquet, compression zstd)""")
    os.replace(partial, folder)


def put_back(connection: duckdb.DuckDBPyConnection, data: Path) -> None:
    """Add the saved rows to the tables as they are now, and empty the queue of what is built.

    Columns that are new are empty in kept rows.
    """
    for path in sorted(saved_folder(data).glob("*.parquet")):
        table = _name(*path.name.removesuffix(".parquet").split("."))
        types = {row[0]: row[1] for row in connection.execute(f"describe {table}").fetchall()}
        saved = connection.execute(f"describe from {literal(str(path))}").fetchall()
        listed = ", ".join(
            f"cast({identifier(name)} as {types[name]}) as {identifier(name)}"
            for name, *_ in saved
            if name in types
        )
        source, period = _months(set(types)) or MONTHS[0]
        # Histories are never dropped, so they have these months still.
        connection.execute(f"""
            insert into {table} by name
            select {listed} from read_parquet({literal(str(path))}) as kept
            anti join {table} as there
                on kept.{source} = there.{source} and kept.{period} = there.{period}""")
    connection.execute("delete from raw_ops.rebuild_queue")


def forget(data: Path) -> None:
    """The rows are in a good build."""
    shutil.rmtree(saved_folder(data), ignore_errors=True)


def _months(columns: set[str]) -> tuple[str, str] | None:
    return next((pair for pair in MONTHS if columns.issuperset(pair)), None)


def _name(*parts: str) -> str:
    return ".".join(map(identifier, parts))
