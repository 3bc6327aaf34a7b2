"""Live tracking stores: what MLflow keeps in SQLite or Postgres, read through SQL into a dump.

The dump is landed like any other delivery. It is written in the order of keys, so that an unchanged
store gives the same bytes and nothing is built again.
"""

from __future__ import annotations

import csv
import os
import sqlite3
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from shutil import which

from orchestration.exports.errors import RefusedDelivery

#: {object} and {list} are the aggregate functions of the engine that make JSON.
RUNS = """
    select
        runs.run_uuid, runs.name, runs.status, runs.start_time, runs.end_time,
        runs.lifecycle_stage, runs.user_id, experiments.name as experiment_name,
        runs.artifact_uri, runs.source_version,
        (select {object}(key, value) from (
            select key, value from params where params.run_uuid = runs.run_uuid order by key
        ) as given) as params,
        (select {object}(key, value) from (
            select key, value from tags where tags.run_uuid = runs.run_uuid order by key
        ) as given) as tags,
        (select {list}(label) from (
            select distinct datasets.name || '@' || datasets.digest as label
            from inputs
            inner join datasets on inputs.source_id = datasets.dataset_uuid
            where inputs.destination_id = runs.run_uuid
            order by label
        ) as used) as datasets
    from runs
    left join experiments on runs.experiment_id = experiments.experiment_id
    order by runs.run_uuid"""
METRICS = """
    select run_uuid, key, step, value, timestamp, is_nan
    from metrics order by run_uuid, key, step, timestamp, value"""

#: Writes the rows of a query as CSV with a header.
Writer = Callable[[str, Path], None]


def ask_mlflow(location: str, folder: Path, options: Mapping[str, str]) -> None:
    """Dump runs and metric history of the store at `location` into `folder`.

    Raises RefusedDelivery where the store cannot be read.
    """
    if location.startswith("sqlite:"):
        with _sqlite(location) as write:
            names = {"object": "json_group_object", "list": "json_group_array"}
            _dump(write, names, folder)
    else:
        _dump(
            _postgres(location),
            {"object": "json_object_agg", "list": "json_agg"},
            folder,
        )


def _dump(write: Writer, functions: dict[str, str], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, query in (("runs.csv", RUNS.format(**functions)), ("metrics.csv", METRICS)):
        beside = folder / f".{name}.part"
        write(query, beside)
        target = folder / name
        if target.exists() and target.read_bytes() == beside.read_bytes():
            beside.unlink()
        else:
            os.replace(beside, target)


@contextmanager
def _sqlite(location: str) -> Iterator[Writer]:
    path = location.removeprefix("sqlite:///").removeprefix("sqlite://")
    if not Path(path).is_file():
        raise RefusedDelivery(
            f"the tracking store {path} does not exist.",
            "Correct `location`: sqlite:/// and the path of mlflow.db, absolute or relative to "
            "exports.yml.",
            transient=True,
        )

    def write(query: str, target: Path) -> None:
        with target.open("w", encoding="utf-8", newline="") as file:
            cursor = connection.execute(query)
            rows = csv.writer(file, lineterminator="\n")
            rows.writerow([column[0] for column in cursor.description])
            # The cursor hands its rows to the writer; no line of Python runs per metric.
            rows.writerows(cursor)

    try:
        # Read only: a tracking server may be writing.
        with closing(sqlite3.connect(f"file:{Path(path).absolute()}?mode=ro", uri=True)) as opened:
            connection = opened
            # Runs and metrics are read as of one moment.
            connection.execute("begin")
            yield write
    except sqlite3.Error as error:
        raise _unreadable(error) from error


def _postgres(location: str) -> Writer:
    """Through psql, which every Postgres client installation has; it streams COPY."""
    program = which("psql")
    if program is None:
        raise RefusedDelivery(
            "the tracking store is Postgres, and its client psql is not installed.",
            "Install the Postgres client, or land a dump: runs.csv and metrics.csv as "
            "docs/telemetry.md lists them.",
            transient=True,
        )

    def write(query: str, target: Path) -> None:
        with target.open("wb") as file:
            outcome = subprocess.run(
                [program, "--no-psqlrc", "--quiet", "--dbname", location, "--command",
                 f"copy ({query}) to stdout with (format csv, header true)"],
                stdout=file,
                stderr=subprocess.PIPE,
                check=False,
            )  # fmt: skip
        if outcome.returncode:
            raise _unreadable(outcome.stderr.decode(errors="replace").strip())

    return write


def _unreadable(error: object) -> RefusedDelivery:
    first = (str(error) or "no message").splitlines()[0].rstrip(".")
    return RefusedDelivery(
        f"the tracking store cannot be read: {first}.",
        "Check the address, the credentials in the environment (PGPASSWORD) and that the store is "
        "one of MLflow.",
        transient=True,
    )
