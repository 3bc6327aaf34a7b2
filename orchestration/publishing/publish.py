"""Publish the public DuckDB file so that readers see the last good build or the new one.

The build file is checkpointed, copied beside its target and renamed over it: open readers keep the
file they have, new connections see the new one, and a failure at any point leaves the old one.
"""

from __future__ import annotations

import os
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

import duckdb

from orchestration.project import public_build_file, published_file

PUBLIC_CATALOG = "ai_finops"


@dataclass(frozen=True)
class Published:
    """What was published: the file, its size in bytes, tables and views in it, seconds taken."""

    path: Path
    bytes: int
    relations: int
    seconds: float


def publish(data: Path) -> Published:
    """Swap the freshly built public file in for readers.

    Raises FileNotFoundError where nothing has been built yet, and OSError where the disk cannot
    hold a second copy; in both cases the file published before stays as it was.
    """
    started = time.monotonic()
    source = public_build_file(data)
    if not source.exists():
        raise FileNotFoundError(f"nothing to publish: {source} does not exist; run a build first")
    with duckdb.connect() as connection:
        # Folds the write-ahead log into the file, so that the file alone is complete.
        connection.execute(f"attach '{_quoted(source)}' as {PUBLIC_CATALOG}")
        connection.execute(f"checkpoint {PUBLIC_CATALOG}")
        relations = connection.execute(
            "select count(*) from duckdb_tables() where database_name = $1",
            [PUBLIC_CATALOG],
        ).fetchone()[0]
        relations += connection.execute(
            "select count(*) from duckdb_views() where database_name = $1 and not internal",
            [PUBLIC_CATALOG],
        ).fetchone()[0]
    target = published_file(data)
    target.parent.mkdir(parents=True, exist_ok=True)
    replace_with_copy(source, target)
    return Published(target, target.stat().st_size, relations, time.monotonic() - started)


def publish_parquet(data: Path) -> int:
    """Write every published table as one Parquet file below ``published/parquet``; returns bytes.

    Tables only: the views join what is already there. Each file is replaced by rename.
    """
    folder = data / "published" / "parquet"
    written = 0
    with duckdb.connect() as connection:
        connection.execute("set preserve_insertion_order = false")
        connection.execute(
            f"attach '{_quoted(published_file(data))}' as {PUBLIC_CATALOG} (read_only)"
        )
        tables = connection.execute(
            "select schema_name, table_name from duckdb_tables() where database_name = $1 "
            "order by all",
            [PUBLIC_CATALOG],
        ).fetchall()
        for schema, table in tables:
            target = folder / schema / f"{table}.parquet"
            target.parent.mkdir(parents=True, exist_ok=True)
            partial = target.with_suffix(".parquet.partial")
            connection.execute(
                f'copy {PUBLIC_CATALOG}."{schema}"."{table}" to '
                f"'{_quoted(partial)}' (format parquet, compression zstd)"
            )
            os.replace(partial, target)
            written += target.stat().st_size
    return written


def replace_with_copy(source: Path, target: Path) -> None:
    """Copy a file next to its target, flush it to disk, and rename it over the target."""
    partial = target.with_name(target.name + ".partial")
    try:
        shutil.copyfile(source, partial)
        with partial.open("rb+") as handle:
            os.fsync(handle.fileno())
        os.replace(partial, target)
    finally:
        partial.unlink(missing_ok=True)


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
