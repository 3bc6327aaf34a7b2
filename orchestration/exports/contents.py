"""Prompts and completions: columns of role `content` are counted in characters and never landed.

They are left out where a delivered file becomes a landed one, so they are in no landed file,
quarantine, drift or ledger; the delivery itself is the only place that has them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb

from orchestration.exports.errors import RefusedDelivery
from orchestration.exports.schemas import declared_columns, identifier, literal
from orchestration.exports.workspace import parquet_relation

if TYPE_CHECKING:
    from orchestration.exports.headers import HeaderReading, LandedColumn
    from orchestration.exports.kinds import Kind
    from orchestration.exports.reading import LocalFile

ROLE = "content"
WITHHELD = "withheld: records of this kind hold contents"


def counted(expression: str) -> str:
    """SQL of what is landed in place of a content: its number of characters, as text."""
    return f"cast(length(cast({expression} as varchar)) as varchar)"


def spellings(kind: Kind) -> frozenset[str]:
    """Spellings of the kind's columns that hold contents, in lower case."""
    return frozenset(
        spelling.lower()
        for dataset in kind.datasets
        for schema in {dataset.schema, dataset.dialect.schema}
        for column in declared_columns(schema)
        if column.role == ROLE
        for spelling in (column.name, *column.spellings)
    )


def columns_of(header: HeaderReading) -> list[LandedColumn]:
    """Delivered columns that hold contents."""
    roles = {column.name: column.role for column in declared_columns(header.dialect.schema)}
    return [column for column in header.columns if roles.get(column.target or "") == ROLE]


def declares(schema: str) -> bool:
    """Whether records of a schema may hold contents, so that none is shown as it was delivered."""
    return any(column.role == ROLE for column in declared_columns(schema))


def leave_out(connection: duckdb.DuckDBPyConnection, local: LocalFile) -> None:
    """Write a delivered Parquet file again without its contents; others are kept byte for byte.

    Raises RefusedDelivery for a content inside a nested column.
    """
    columns = columns_of(local.header)
    if not columns:
        return
    for column in columns:
        if column.path:
            raise RefusedDelivery(
                f"{column.delivered} is a content inside a nested column, and is not landed.",
                "Export it as a column of its own, or leave it out of the export.",
                file_path=local.source.path,
                column_name=column.delivered,
            )
    replaced = ", ".join(
        f"{counted(identifier(column.physical))} as {identifier(column.physical)}"
        for column in columns
    )
    target = local.parquet.with_name("without_contents.parquet")
    connection.execute(
        f"copy (select * replace ({replaced}) from {parquet_relation(local.parquet)}) "
        f"to {literal(str(target))} (format parquet, compression zstd)"
    )
    local.parquet.unlink()
    local.parquet = target
    local.rewritten = True
    for column in columns:
        column.sql_type = "VARCHAR"
