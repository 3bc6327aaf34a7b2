"""Database files without the remains of what a new privacy rule hides."""

from __future__ import annotations

import os
from pathlib import Path

import duckdb

from orchestration.exclusive import held_files_named
from orchestration.exports.schemas import literal
from orchestration.privacy import NOTHING_HIDDEN
from orchestration.project import private_file, public_build_file

# What a table is dropped for stays readable in the freed blocks of its file.
_KNOWN = "raw_ops.hidden_with"


def forget_what_is_hidden(data: Path, digest: str) -> None:
    """Write both database files anew where other rules or another key hide persons than before."""
    private, public = private_file(data), public_build_file(data)
    with held_files_named(private):
        connection = duckdb.connect(str(private))
    with connection:
        connection.execute(f"create table if not exists {_KNOWN} (digest varchar)")
        before = connection.execute(f"select max(digest) from {_KNOWN}").fetchone()[0]
    if digest == (before or NOTHING_HIDDEN):
        return
    if digest != NOTHING_HIDDEN:
        _write_anew({"ai_finops": public, "warehouse": private})
    with duckdb.connect(str(private)) as connection:
        connection.execute(f"delete from {_KNOWN}")
        connection.execute(f"insert into {_KNOWN} values (?)", [digest])


def _write_anew(files: dict[str, Path]) -> None:
    """Copy each database into a new file, then rename the copies. Names are those views use."""
    partial = {name: file.with_suffix(".anew") for name, file in files.items()}
    try:
        for file in partial.values():
            file.unlink(missing_ok=True)
        with duckdb.connect() as connection:
            for name, file in files.items():
                with held_files_named(file):
                    connection.execute(f"attach {literal(str(file))} as old_{name} (read_only)")
                connection.execute(
                    f"attach {literal(str(partial[name]))} as {name} (storage_version 'v1.2.0')"
                )
            for name in files:
                connection.execute(f"copy from database old_{name} to {name}")
                connection.execute(f"checkpoint {name}")
        for name, file in files.items():
            file.with_name(f"{file.name}.wal").unlink(missing_ok=True)
            os.replace(partial[name], file)
    finally:
        for file in partial.values():
            file.unlink(missing_ok=True)
