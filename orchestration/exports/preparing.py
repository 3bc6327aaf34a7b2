"""Rewriting of a delivered file before it is profiled, where its rows are not the bill yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from orchestration.exports.columns import FileSql
from orchestration.exports.headers import LandedColumn
from orchestration.exports.schemas import literal


@dataclass
class Preparation:
    """A delivered file as local Parquet (`sql`), with a session and a folder to work in.

    `delivered_at` is what the manifest of its delivery says; None where there is none.
    """

    connection: duckdb.DuckDBPyConnection
    sql: FileSql
    folder: Path
    delivered_at: datetime | None = None

    def rewrite(self, select: str, added: Mapping[str, str]) -> None:
        """Put the rows of `select` in place of the file's.

        `select` reads `sql.relation` and gives all its columns (`* exclude (file_row_number)`) and
        those `added`: declared columns by name, with the SQL type that `select` gives them.
        """
        local = self.sql.local
        target = self.folder / "prepared.parquet"
        written = self.connection.execute(
            f"copy ({select}) to {literal(str(target))} (format parquet, compression zstd)"
        ).fetchone()
        local.parquet.unlink()
        local.parquet = target
        local.counted = written[0]
        local.rewritten = True
        local.header.columns += [
            LandedColumn(name, name, sql_type, target=name) for name, sql_type in added.items()
        ]
        self.sql.point_to(target)
