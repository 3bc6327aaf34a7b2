"""Tracking stores and job records in the shapes of the systems that keep them."""

from __future__ import annotations

import os
import shutil
import socket
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

#: The tables of an MLflow 3.17 store that hold runs, with the columns that matter.
MLFLOW = """
    create table experiments (experiment_id integer primary key, name varchar(256));
    create table runs (
        run_uuid varchar(32) primary key, name varchar(250), status varchar(9), start_time bigint,
        end_time bigint, lifecycle_stage varchar(20), user_id varchar(256), experiment_id integer,
        artifact_uri varchar(200), source_version varchar(50)
    );
    create table params (run_uuid varchar(32), key varchar(250), value varchar(8000));
    create table tags (run_uuid varchar(32), key varchar(250), value varchar(8000));
    create table metrics (
        run_uuid varchar(32), key varchar(250), value float, timestamp bigint, step bigint,
        is_nan boolean
    );
    create table datasets (dataset_uuid varchar(36), name varchar(500), digest varchar(36));
    create table inputs (source_id varchar(36), destination_id varchar(36));
"""


def mlflow_store(path: Path, runs: list[dict[str, Any]]) -> Path:
    """A store with these runs: run_uuid, status, start_time ... and params, tags, metrics."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path)) as store:
        store.executescript(MLFLOW)
        store.execute("insert into experiments values (1, 'atlas')")
        for run in runs:
            columns = {
                "name": "n", "lifecycle_stage": "active", "user_id": "amy", "experiment_id": 1,
                "end_time": None, "artifact_uri": None, "source_version": None,
            } | {k: v for k, v in run.items() if not isinstance(v, (dict, list))}  # fmt: skip
            marks = ", ".join(f":{name}" for name in columns)
            store.execute(f"insert into runs ({', '.join(columns)}) values ({marks})", columns)
            for table in ("params", "tags"):
                for item in run.get(table, {}).items():
                    store.execute(f"insert into {table} values (?, ?, ?)", (run["run_uuid"], *item))
            for key, step, value, at in run.get("metrics", []):
                store.execute(
                    "insert into metrics values (?, ?, ?, ?, ?, 0)",
                    (run["run_uuid"], key, value, at, step),
                )
        store.commit()
    return path


@contextmanager
def postgres() -> Iterator[str | None]:
    """Address of an empty Postgres server on loopback; None where none is installed."""
    programs = [shutil.which(name) for name in ("initdb", "pg_ctl", "psql")]
    if None in programs:
        yield None
        return
    # The server refuses to run as root; the folder is short because a socket's path must be.
    as_nobody = ["setpriv", "--reuid=65534", "--clear-groups"] if os.getuid() == 0 else []
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="pg") as folder:
        if as_nobody:
            os.chown(folder, 65534, -1)
        data = f"{folder}/data"

        def run(*command: str) -> None:
            environment = os.environ | {"HOME": folder}
            subprocess.run(
                [*as_nobody, *command],
                check=True,
                env=environment,
                cwd=folder,
                stdout=subprocess.DEVNULL,
            )

        run("initdb", "-D", data, "-A", "trust", "-U", "reader", "--no-sync")
        options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
        run("pg_ctl", "-D", data, "-o", options, "-l", f"{folder}/log", "-w", "start")
        try:
            yield f"postgresql://reader@127.0.0.1:{port}/postgres"
        finally:
            run("pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")


def copy_to_postgres(store: Path, address: str) -> None:
    """The same tables and rows in Postgres as in a SQLite store."""
    with closing(sqlite3.connect(store)) as origin:
        lines = [
            line
            for line in origin.iterdump()
            if not line.startswith(("BEGIN", "COMMIT", "CREATE", "PRAGMA"))
        ]
    # SQLite keeps booleans as numbers.
    script = MLFLOW.replace("is_nan boolean", "is_nan int") + "\n".join(lines)
    subprocess.run(
        ["psql", "--no-psqlrc", "--quiet", "--dbname", address, "-v", "ON_ERROR_STOP=1"],
        input=script,
        text=True,
        check=True,
    )
