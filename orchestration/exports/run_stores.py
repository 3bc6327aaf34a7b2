"""Live stores: what MLflow or a LiteLLM gateway keeps in SQLite or Postgres, read through SQL into
a dump.

The dump is landed like any other delivery. It is written in the order of keys, so that an unchanged
store gives the same bytes and nothing is built again.
"""

from __future__ import annotations

import csv
import os
import sqlite3
import subprocess
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime, timedelta
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

#: What is read of the metadata of a call: the rest may be anything that the caller sent.
METADATA = (
    "usage_object",
    "additional_usage_values",
    "user_api_key_alias",
    "user_api_key_user_id",
    "user_api_key_team_alias",
    "user_api_key_project_alias",
    "user_api_key_project_id",
    "spend_logs_metadata.currency",
    "model_map_information.model_map_value.input_cost_per_token",
    "model_map_information.model_map_value.output_cost_per_token",
    "model_map_information.model_map_value.cache_read_input_token_cost",
)
#: The calls of a gateway in {first} <= start < {last}. What was asked and answered is not read.
SPEND_LOGS = """
    select
        request_id, {start} as "startTime", {end} as "endTime", call_type, model, model_group,
        custom_llm_provider, api_base, api_key, "user", team_id, end_user, spend, prompt_tokens,
        completion_tokens, status, cache_hit, request_tags, {metadata} as metadata
    from "LiteLLM_SpendLogs"
    where {bound} >= '{first}' and {bound} < '{last}'
    order by request_id"""
SPEND_LOG_DAYS = 'select min({bound}) as first, max({bound}) as last from "LiteLLM_SpendLogs"'
#: A time as text that sorts. Prisma keeps times in SQLite as milliseconds.
SQLITE_TIME = (
    "case when cast(\"{name}\" as text) not like '%-%' "
    "then datetime(cast(\"{name}\" as integer) / 1000, 'unixepoch') "
    "else replace(\"{name}\", 'T', ' ') end"
)
POSTGRES_TIME = "to_char(\"{name}\", 'YYYY-MM-DD HH24:MI:SS.MS')"
#: Gateways write late and delete old calls: a month that is over for so long is asked for once.
SETTLED = timedelta(days=7)

MLFLOW, LITELLM = ("tracking store", "MLflow"), ("gateway's store", "LiteLLM")

#: Writes the rows of a query as CSV with a header.
Writer = Callable[[str, Path], None]


def ask_mlflow(location: str, folder: Path, options: Mapping[str, str]) -> None:
    """Dump runs and metric history of the store at `location` into `folder`.

    Raises RefusedDelivery where the store cannot be read.
    """
    if location.startswith("sqlite:"):
        with _sqlite(location, MLFLOW) as write:
            names = {"object": "json_group_object", "list": "json_group_array"}
            _dump(write, _of_mlflow(names), folder)
    else:
        names = {"object": "json_object_agg", "list": "json_agg"}
        _dump(_postgres(location, MLFLOW), _of_mlflow(names), folder)


def ask_litellm(location: str, folder: Path, options: Mapping[str, str]) -> None:
    """Dump the calls of the gateway whose store is at `location` into `folder`, a file per month.

    Raises RefusedDelivery where the store cannot be read.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if location.startswith("sqlite:"):
        with _sqlite(location, LITELLM) as write:
            read = "json_extract(metadata, '$.{path}')"
            bound = SQLITE_TIME.format(name="startTime")
            functions = {"time": SQLITE_TIME, "object": "json_object", "read": read, "bound": bound}
            _dump(write, _of_litellm(write, functions, folder), folder)
    else:
        write = _postgres(location, LITELLM)
        read = "cast(metadata as jsonb) #> string_to_array('{path}', '.')"
        # The column itself, which has an index.
        functions = {"time": POSTGRES_TIME, "object": "json_build_object", "read": read,
                     "bound": '"startTime"'}  # fmt: skip
        _dump(write, _of_litellm(write, functions, folder), folder)


def _of_mlflow(functions: dict[str, str]) -> dict[str, str]:
    return {"runs.csv": RUNS.format(**functions), "metrics.csv": METRICS}


def _of_litellm(write: Writer, functions: dict[str, str], folder: Path) -> dict[str, str]:
    """Queries by the file that they fill: one per month that may have news."""
    times = {
        "start": functions["time"].format(name="startTime"),
        "end": functions["time"].format(name="endTime"),
        "bound": functions["bound"],
    }
    metadata = _json_of(METADATA, functions)
    answer = folder / ".days.part"
    write(SPEND_LOG_DAYS.format(**times), answer)
    first, last = list(csv.reader(answer.read_text(encoding="utf-8").splitlines()))[1]
    answer.unlink()
    if not first:
        raise RefusedDelivery(
            "the gateway's store has no calls.", "Nothing to do if it is new.", transient=True
        )
    queries = {}
    month = date.fromisoformat(first[:7] + "-01")
    while f"{month:%Y-%m}" <= last[:7]:
        following = (month + timedelta(days=32)).replace(day=1)
        name = f"spend-logs-{month:%Y-%m}.csv"
        over = datetime.now(UTC).date() - following > SETTLED
        if not over or not (folder / name).exists():
            queries[name] = SPEND_LOGS.format(
                first=month, last=following, metadata=metadata, **times
            )
        month = following
    return queries


def _json_of(paths: Iterable[str], functions: dict[str, str], above: str = "") -> str:
    """SQL of a JSON object that has these fields of the metadata, and fields of fields."""
    members: dict[str, list[str]] = {}
    for path in paths:
        name, _, rest = path.partition(".")
        members.setdefault(name, []).append(rest)
    found = []
    for name, inner in members.items():
        path = f"{above}{name}"
        value = functions["read"].format(path=path)
        if any(inner):
            value = _json_of(inner, functions, f"{path}.")
        found.append(f"'{name}', {value}")
    return f"{functions['object']}({', '.join(found)})"


def _dump(write: Writer, queries: Mapping[str, str], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, query in queries.items():
        beside = folder / f".{name}.part"
        write(query, beside)
        target = folder / name
        if target.exists() and target.read_bytes() == beside.read_bytes():
            beside.unlink()
        else:
            os.replace(beside, target)


@contextmanager
def _sqlite(location: str, store: tuple[str, str]) -> Iterator[Writer]:
    path = location.removeprefix("sqlite:///").removeprefix("sqlite://")
    if not Path(path).is_file():
        raise RefusedDelivery(
            f"the {store[0]} {path} does not exist.",
            "Correct `location`: sqlite:/// and the path of the database, absolute or relative to "
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
        raise _unreadable(error, store) from error


def _postgres(location: str, store: tuple[str, str]) -> Writer:
    """Through psql, which every Postgres client installation has; it streams COPY."""
    program = which("psql")
    if program is None:
        raise RefusedDelivery(
            f"the {store[0]} is Postgres, and its client psql is not installed.",
            "Install the Postgres client, or land a dump: runs.csv and metrics.csv as "
            "docs/telemetry.md lists them, or the table of spend logs as docs/usage.md does.",
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
            raise _unreadable(outcome.stderr.decode(errors="replace").strip(), store)

    return write


def _unreadable(error: object, store: tuple[str, str]) -> RefusedDelivery:
    first = (str(error) or "no message").splitlines()[0].rstrip(".")
    return RefusedDelivery(
        f"the {store[0]} cannot be read: {first}.",
        "Check the address, the credentials in the environment (PGPASSWORD) and that the store is "
        f"one of {store[1]}.",
        transient=True,
    )
