"""The mark that verdicts leave in the private file: for which day, and whether they block."""

from __future__ import annotations

import datetime as dt

import duckdb

_MARK = "raw_ops.policies_checked"


def forget(connection: duckdb.DuckDBPyConnection) -> None:
    """What was judged is about to change: nothing of it may be recalled."""
    connection.execute(f"drop table if exists {_MARK}")


def is_blocked(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether the last verdicts keep what is built from being published."""
    found = marked(connection)
    return found is not None and found[1]


def marked(connection: duckdb.DuckDBPyConnection) -> tuple[dt.date, bool] | None:
    """Day of the last verdicts and whether they block; None where a build came after them."""
    schema, table = _MARK.split(".")
    known = connection.execute(
        "select count(*) from duckdb_tables() where database_name = current_database() "
        "and schema_name = $1 and table_name = $2",
        [schema, table],
    ).fetchone()[0]
    return (
        connection.execute(f"select checked_on, blocks from {_MARK}").fetchone() if known else None
    )


def remember(connection: duckdb.DuckDBPyConnection, today: dt.date, blocks: bool) -> None:
    """Note the outcome of a run of the policies."""
    connection.execute(
        f"create or replace table {_MARK} as "
        "select cast($1 as date) as checked_on, cast($2 as boolean) as blocks",
        [today, blocks],
    )
