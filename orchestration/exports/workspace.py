"""The folders of landing below the data folder, the lock on them, and DuckDB connections."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import re
import shutil
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote

import duckdb

from orchestration.exports.errors import LandingError, RefusedDelivery

#: Errors that only wrong SQL of ours can raise; they are never a delivery's fault.
OUR_MISTAKES = (duckdb.BinderException, duckdb.CatalogException, duckdb.ParserException)
#: Characters of delivered names that readers of landed files would take for something else.
SPECIAL_IN_PATHS = re.compile(r"[%*?\[\]\\\x00-\x1f\x7f]")
#: A name that only a converted file may have, or `a.csv` and `a.csv.parquet` would be one file.
CONVERTED_SUFFIX = re.compile(r"(\.(?:csv|json|jsonl|ndjson)(?:\.gz)?)\.(parquet)$", re.IGNORECASE)
#: What common filesystems take in one name, in bytes.
LONGEST_NAME = 255
#: Files read at once; each takes a few hundred MB of the shared memory limit.
MOST_AT_ONCE = 4

Result = TypeVar("Result")
_SESSION: ContextVar[duckdb.DuckDBPyConnection | None] = ContextVar("session", default=None)


class Workspace:
    """Where landed data, its ledger and quarantined rows of all sources lie."""

    def __init__(self, home: Path) -> None:
        self.home = Path(home).resolve()
        self.raw = self.home / "raw"
        self.quarantine = self.home / "quarantine"
        self.scratch = self.raw / ".landing"

    def period_folder(self, source: str, table: str, period: str) -> Path:
        """`raw/<source>/<table>/billing_period=YYYY-MM`: version folders and current.json."""
        return self.raw / source / table / f"billing_period={period}"

    def ledger_folder(self, source: str) -> Path:
        """`raw/<source>/_ledger`: sidecars of all versions ever landed, kept for ever."""
        return self.raw / source / "_ledger"

    def quarantine_folder(self, source: str, period: str, version: str) -> Path:
        """`quarantine/<source>/billing_period=YYYY-MM/<version>`: rows held back, as CSV."""
        return self.quarantine / source / f"billing_period={period}" / version

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the data folder for landing; LandingError if another landing holds it."""
        self.home.mkdir(parents=True, exist_ok=True)
        with (self.home / "landing.lock").open("a+") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                lock.seek(0)
                raise LandingError(
                    f"{self.home} is being landed into by process {lock.read().strip() or '?'}. "
                    "Wait until it has finished, or use another AI_FINOPS_HOME."
                ) from None
            lock.truncate(0)
            lock.write(str(os.getpid()))
            lock.flush()
            # What a killed run left behind; nothing current lies here.
            shutil.rmtree(self.scratch, ignore_errors=True)
            yield

    @contextlib.contextmanager
    def scratch_folder(self) -> Iterator[Path]:
        """An empty folder on the data folder's own filesystem, gone afterwards."""
        folder = self.scratch / uuid.uuid4().hex
        folder.mkdir(parents=True)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def duckdb_session(spill_folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """An in-memory DuckDB with a memory limit (AI_FINOPS_MEMORY, default 3GB) that spills to disk.

    Order is preserved, because row numbers of converted files must be those of the delivery.
    """
    outer = _SESSION.get()
    if outer is not None:
        with outer.cursor() as cursor:
            cursor.execute("set TimeZone = 'UTC'")
            yield cursor
        return
    connection = duckdb.connect(
        config={
            "memory_limit": os.environ.get("AI_FINOPS_MEMORY", "3GB"),
            "temp_directory": str(spill_folder / "spill"),
            "preserve_insertion_order": True,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
    )
    try:
        connection.execute("set TimeZone = 'UTC'")
        yield connection
    finally:
        connection.close()


@contextlib.contextmanager
def one_session(spill_folder: Path) -> Iterator[None]:
    """Sessions that this thread opens within are cursors of one, with temporary tables of their
    own: opening DuckDB takes 25 ms, as long as reading a small file."""
    with duckdb_session(spill_folder) as session:
        token = _SESSION.set(session)
        try:
            yield
        finally:
            _SESSION.reset(token)


def in_order(
    work: Callable[[int, duckdb.DuckDBPyConnection], Result], count: int, folder: Path
) -> Iterator[Result]:
    """Results of `work(number, connection)` for 0 to count - 1, in order, several at a time.

    All share the memory limit of one DuckDB; each has temporary tables of its own. The first
    failure in order is raised, after the others have been stopped.
    """
    running: set[duckdb.DuckDBPyConnection] = set()

    def one(number: int) -> Result:
        connection = session.cursor()
        running.add(connection)
        try:
            connection.execute("set TimeZone = 'UTC'")
            return work(number, connection)
        finally:
            running.discard(connection)
            connection.close()

    at_once = min(count, MOST_AT_ONCE, os.cpu_count() or 1)
    with duckdb_session(folder) as session:
        if at_once < 2:
            yield from map(one, range(count))
            return
        with ThreadPoolExecutor(at_once, thread_name_prefix="reading") as pool:
            tasks = [pool.submit(one, number) for number in range(count)]
            try:
                yield from (task.result() for task in tasks)
            finally:
                for task in tasks:
                    task.cancel()
                for connection in tuple(running):
                    connection.interrupt()


def landed_name(delivered_path: str, converted: bool) -> str:
    """Path of a landed file below its version folder: one of its own for every delivered path.

    Encoded as in a URL where needed. Object stores allow keys with `..` and empty names in them,
    which must neither lead out of the folder nor make two files one.
    """
    name = SPECIAL_IN_PATHS.sub(lambda found: quote(found[0], safe=""), delivered_path)
    while "//" in name:
        name = name.replace("//", "%2F/")
    name = "/".join(
        part.replace(".", "%2E") if part in (".", "..") else part for part in name.split("/")
    )
    return f"{name}.parquet" if converted else CONVERTED_SUFFIX.sub(r"\1%2E\2", name)


def glob_escaped(path: str | Path) -> str:
    """A path for DuckDB's readers, which take wildcards, with every wildcard meant literally."""
    return "".join(f"[{char}]" if char in "*?[" else char for char in str(path))


def parquet_relation(path: str | Path, *, numbered: bool = False) -> str:
    """SQL that reads one local Parquet file as it is; folder names such as a=b add no columns."""
    rows = ", file_row_number = true" if numbered else ""
    name = glob_escaped(path).replace("'", "''")
    return f"read_parquet('{name}', hive_partitioning = false{rows})"


def is_disk_full(error: BaseException) -> bool:
    """Whether writing failed because the filesystem (or a quota or size limit) is full."""
    if isinstance(error, OSError) and not isinstance(error, duckdb.Error):
        return error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
    text = str(error).lower()
    return isinstance(error, duckdb.Error) and any(
        mark in text
        for mark in ("no space left", "disk quota", "file too large", "max_temp_directory_size")
    )


def disk_full(workspace: Workspace, error: BaseException) -> RefusedDelivery:
    """The refusal for a full disk, with what is free and what to do."""
    free = shutil.disk_usage(workspace.home).free
    first = str(error).splitlines()[0]
    return RefusedDelivery(
        f"the disk is full under {workspace.home} ({free / 1e6:.0f} MB free): {first}.",
        "Free space or move AI_FINOPS_HOME; what was landed before is untouched.",
        transient=True,
    )
