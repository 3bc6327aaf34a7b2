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

from orchestration.exclusive import PUBLIC_CATALOG, attach_public, exclusive, held_files_named
from orchestration.project import private_file, public_build_file, published_file
from orchestration.quality.marks import is_blocked


class NothingGoodToPublish(RuntimeError):
    """There is no build, the last one failed or was interrupted, or a policy stops it."""


@dataclass(frozen=True)
class Published:
    """What was published: the file, its size in bytes, tables and views in it, seconds taken."""

    path: Path
    bytes: int
    relations: int
    seconds: float


def publish(data: Path) -> Published:
    """Swap the freshly built public file in for readers.

    Raises NothingGoodToPublish where no build is known to be good, DataFolderInUse where another
    program holds the build, and OSError where the disk cannot hold a second copy; in each case the
    file published before stays as it was.
    """
    started = time.monotonic()
    source = public_build_file(data)
    if not source.exists():
        raise NothingGoodToPublish(f"{source} does not exist: run a build first.")
    target = published_file(data)
    target.parent.mkdir(parents=True, exist_ok=True)
    with exclusive(data):
        _require_good_build(data)
        with duckdb.connect() as connection:
            with held_files_named(source):
                connection.execute(attach_public(source))
            # Folds the write-ahead log into the file, so that the file alone is complete.
            connection.execute(f"checkpoint {PUBLIC_CATALOG}")
            relations = connection.execute(
                "select count(*) from duckdb_tables() where database_name = $1",
                [PUBLIC_CATALOG],
            ).fetchone()[0]
            relations += connection.execute(
                "select count(*) from duckdb_views() where database_name = $1 and not internal",
                [PUBLIC_CATALOG],
            ).fetchone()[0]
            # Still attached, so that nobody writes to it while it is copied.
            replace_with_copy(source, target)
    return Published(target, target.stat().st_size, relations, time.monotonic() - started)


def _require_good_build(data: Path) -> None:
    """A build that has begun leaves a mark that only its success takes away."""
    private = private_file(data)
    good = blocked = False
    if private.exists():
        with held_files_named(private):
            connection = duckdb.connect(str(private))
        with connection:
            known = connection.execute(
                "select count(*) from duckdb_tables() where schema_name = 'raw_ops' "
                "and table_name = 'built_code'"
            ).fetchone()[0]
            good = bool(known) and bool(
                connection.execute(
                    "select count(*) from raw_ops.built_code where policy is not null"
                ).fetchone()[0]
            )
            blocked = is_blocked(connection)
    if not good:
        raise NothingGoodToPublish(
            f"the last build in {data} failed or was interrupted, and what was published before "
            "stays. Build again, and publish once its checks pass."
        )
    if blocked:
        raise NothingGoodToPublish(
            f"a coverage policy stops publication of the build in {data}, and what was published "
            "before stays. published/coverage/index.html says which, and what to tag first."
        )


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
        # A reader that opened the old file for writing and was killed left its log behind; DuckDB
        # would try to apply it to the new file.
        target.with_name(target.name + ".wal").unlink(missing_ok=True)
        os.replace(partial, target)
    finally:
        partial.unlink(missing_ok=True)


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
