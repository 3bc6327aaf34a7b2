"""One writer at a time: the lock on a data folder, and DuckDB files that somebody else holds."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

PUBLIC_CATALOG = "ai_finops"
# Folders whose lock this process holds: steps that take it call each other.
_held: set[Path] = set()


class DataFolderInUse(RuntimeError):
    """Another process works in the data folder or holds one of its files; the text says which."""


@contextmanager
def exclusive(data: Path) -> Iterator[None]:
    """Hold the data folder for a refresh, a build or a publication, for as long as it lasts.

    Without it a second refresh could change the queue of the first, or copy a file that is half
    written. The lock goes with the process. Raises DataFolderInUse at once where it is taken.
    """
    data = data.resolve()
    if data in _held:
        yield
        return
    data.mkdir(parents=True, exist_ok=True)
    with (data / "run.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.seek(0)
            raise DataFolderInUse(
                f"{data} is being refreshed by process {lock.read().strip() or '?'}. "
                "Wait until it has finished, or use another AI_FINOPS_HOME."
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        _held.add(data)
        try:
            yield
        finally:
            _held.discard(data)


@contextmanager
def held_files_named(*files: Path) -> Iterator[None]:
    """Turn DuckDB's refusal to open a file that another process holds into DataFolderInUse."""
    try:
        yield
    except duckdb.IOException as error:
        text = str(error)
        if "lock" not in text.lower():
            raise
        file = next((file for file in files if str(file) in text), files[0])
        holder = text[text.find("PID") :].split(")")[0].split(".")[0] if "PID" in text else "?"
        raise DataFolderInUse(
            f"{file} is open in another program ({holder}). Close it there, or open "
            "published/ai_finops.duckdb instead, which never stands in the way; then run again."
        ) from error


def attach_public(file: Path) -> str:
    """Statement that attaches a public file under its catalog name, in the promised format."""
    path = str(file).replace("'", "''")
    return f"attach if not exists '{path}' as {PUBLIC_CATALOG} (storage_version 'v1.2.0')"
