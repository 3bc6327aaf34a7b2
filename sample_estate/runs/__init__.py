"""Runs of the estate: an MLflow store of what ran on the watched machines, SageMaker's jobs, and
studies that research teams list themselves.

How each run really ended is planted in ``truth/ml_runs.parquet``: some failed, some were stopped,
some were killed and are said to be running for ever, some repeat another run, some went on past
their best epoch, and some share their machine with another. What each run of any system cost is in
``truth/training_runs.parquet``.
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from sample_estate.context import DeliveredExport
from sample_estate.engine import define_macros, literal
from sample_estate.runs import checkpoints, studies
from sample_estate.runs.costs import write_costs
from sample_estate.runs.machines import read_bill

EXPERIMENT = "atlas-scaling"
EPOCH_MINUTES = 30
#: A run begins on a machine every so many of its hours; every fourth begins three hours early.
EVERY_HOURS, LONGEST_HOURS = 10, 8

_RUNS = f"""
    create or replace table planned as
    with machine_hours as (
        select
            instance_id, hour_start,
            row_number() over (partition by instance_id order by hour_start) - 1 as place
        from (select distinct instance_id, hour_start from read_parquet($truth))
    ),
    begun as (
        select
            instance_id, place // {EVERY_HOURS} as number, hour_start as slot_start
        from machine_hours
        where place % {EVERY_HOURS} = 0
    ),
    drawn as (
        select
            *,
            hex_id(instance_id || number, 32) as run_id,
            draw(instance_id || number || 'state', 100) as chance,
            2 + draw(instance_id || number || 'length', {LONGEST_HOURS} - 1) as run_hours,
            number % 5 = 4 as repeats
        from begun
    )
    select
        *,
        slot_start - case when number % 4 = 3 then interval 3 hour else interval 0 hour end
            as started_at,
        case
            when chance < 58 then 'succeeded'
            when chance < 78 then 'failed'
            when chance < 90 then 'cancelled'
            -- Nobody can tell yet of a run that fell silent just now.
            when slot_start > max(slot_start) over () - interval 40 hour then 'cancelled'
            else 'abandoned'
        end as state,
        -- A run that repeats another has its code, data and parameters.
        number - case when repeats then 1 else 0 end as recipe
    from drawn
    order by started_at, run_id"""
_STATUS = {
    "succeeded": "FINISHED",
    "failed": "FAILED",
    "cancelled": "KILLED",
    "abandoned": "RUNNING",
}
_TABLES = """
    create table experiments (
        experiment_id integer primary key, name varchar(256), lifecycle_stage varchar(32)
    );
    create table runs (
        run_uuid varchar(32) primary key, name varchar(250), status varchar(9), start_time bigint,
        end_time bigint, lifecycle_stage varchar(20), user_id varchar(256), experiment_id integer,
        artifact_uri varchar(200), source_version varchar(50), deleted_time bigint
    );
    create table params (run_uuid varchar(32), key varchar(250), value varchar(8000));
    create table tags (run_uuid varchar(32), key varchar(250), value varchar(8000));
    create table metrics (
        run_uuid varchar(32), key varchar(250), value float, timestamp bigint, step bigint,
        is_nan boolean
    );
    create table datasets (
        dataset_uuid varchar(36), experiment_id integer, name varchar(500), digest varchar(36)
    );
    create table inputs (source_id varchar(36), destination_id varchar(36));
"""


def deliver(root: Path, seed: int) -> list[DeliveredExport]:
    """Write the store and the job descriptions below ``root``, and the truth about them."""
    folder = root / "runs"
    (folder / "sagemaker").mkdir(parents=True)
    with duckdb.connect() as con:
        con.execute("set TimeZone = 'UTC'")
        define_macros(con, seed)
        truth = literal(root / "truth" / "accelerator_hours.parquet")
        con.execute(_RUNS.replace("$truth", truth))
        planned = _rows(con, "select * from planned order by started_at, run_id")
        jobs = _rows(
            con,
            f"select * from read_parquet({literal(root / 'truth' / 'runs.parquet')}) "
            "where resource_id like '%:training-job/%' order by resource_id",
        )
        planted = [_planted(run) for run in planned]
        _write_truth(con, root, planted)
        told = studies.plan(read_bill(con, root))
        write_costs(con, root, *_held(planned, told))
        if (root / "exports" / "gcp_main").exists():
            first_day = min(run.start for run in told).replace(day=1, hour=0, minute=0)
            told.append(studies.on_another_cloud(first_day))
        listed = checkpoints.deliver(con, root, planned)
    studies.write(folder / "lab", told)
    _write_store(folder / "mlflow.db", planned)
    lines = [json.dumps(_job(job)) for job in jobs]
    (folder / "sagemaker" / "training_jobs.jsonl").write_text("\n".join(lines) + "\n")
    return [
        DeliveredExport(
            "mlflow", "mlflow", "sqlite:///runs/mlflow.db", len(planned), section="ml_runs"
        ),
        DeliveredExport(
            "sagemaker_jobs",
            "sagemaker_training_jobs",
            "./runs/sagemaker/",
            len(jobs),
            section="ml_runs",
        ),
        DeliveredExport(studies.SOURCE, "ml_runs_csv", "./runs/lab/", len(told), section="ml_runs"),
        listed,
    ]


def _held(
    planned: list[dict[str, Any]], told: list[studies.Run]
) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    """Machines that runs held and the ends of their epochs, as write_costs asks for them."""
    states = {run["instance_id"] + str(run["number"]): run["state"] for run in planned}
    holds: list[tuple[Any, ...]] = []
    ends: list[tuple[Any, ...]] = []
    for run in planned:
        epochs = _epochs(run)
        best = min(epochs, key=lambda epoch: epoch[1])
        first = run["instance_id"] + str(run["recipe"])
        waste, useless = None, run["started_at"]
        if run["state"] != "succeeded":
            waste = run["state"]
        elif run["repeats"] and states.get(first) == "succeeded":
            waste = "duplicate"
        elif best != epochs[-1]:
            waste, useless = "past_best", _moment(best[2])
        holds.append((
            "mlflow", run["run_id"], run["instance_id"], None, EXPERIMENT, run["started_at"],
            _moment(epochs[-1][2]), None, waste, useless if waste else None,
        ))  # fmt: skip
        ends += [("mlflow", run["run_id"], epoch, _moment(at)) for epoch, _, at in epochs]
    for study in told:
        counted = study.accelerators
        holds += [
            (studies.SOURCE, study.run_id, machine, study.parent, study.experiment, study.start,
             study.end, counted and counted / len(study.machines), study.waste_class,
             study.useless_from)
            for machine in study.machines
        ]  # fmt: skip
        ends += [
            (studies.SOURCE, study.run_id, step, study.start + timedelta(minutes=minutes))
            for minutes, step, _ in study.history
        ]
    return holds, ends


def _moment(milliseconds: int) -> datetime:
    return datetime(1970, 1, 1) + timedelta(milliseconds=milliseconds)


def _rows(con: duckdb.DuckDBPyConnection, query: str) -> list[dict[str, Any]]:
    found = con.execute(query)
    names = [column[0] for column in found.description]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def _epochs(run: dict[str, Any]) -> list[tuple[int, float, int]]:
    """(epoch, loss, milliseconds): the loss falls until three fifths of the run, then rises."""
    count = run["run_hours"] * 60 // EPOCH_MINUTES
    best = max(1, count * 3 // 5)
    start = _milliseconds(run["started_at"])
    return [
        (epoch, round(1 / epoch if epoch <= best else 1 / best + 0.01 * (epoch - best), 6),
         start + epoch * EPOCH_MINUTES * 60_000)
        for epoch in range(1, count + 1)
    ]  # fmt: skip


def _milliseconds(moment: Any) -> int:
    return int((moment - type(moment)(1970, 1, 1)).total_seconds() * 1000)


def _planted(run: dict[str, Any]) -> dict[str, Any]:
    epochs = _epochs(run)
    best = min(epochs, key=lambda epoch: epoch[1])
    return {
        "run_id": run["run_id"],
        "run_state": run["state"],
        "instance_id": run["instance_id"],
        "started_ms": _milliseconds(run["started_at"]),
        "ended_ms": epochs[-1][2],
        "epochs": len(epochs),
        "best_epoch": best[0],
        "best_ms": best[2],
        "repeats": run["repeats"],
    }


def _write_truth(con: duckdb.DuckDBPyConnection, root: Path, planted: list[dict[str, Any]]) -> None:
    con.execute(
        "create table truth (run_id varchar, run_state varchar, instance_id varchar, "
        "started_ms bigint, ended_ms bigint, epochs int, best_epoch int, best_ms bigint, "
        "repeats boolean)"
    )
    if planted:
        con.executemany(
            "insert into truth values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [list(run.values()) for run in planted],
        )
    con.execute(
        "copy (select run_id, run_state, instance_id, epoch_ms(started_ms) as started_at, "
        "epoch_ms(ended_ms) as ended_at, epochs, best_epoch, epoch_ms(best_ms) as best_at, repeats "
        "from truth order by started_ms, run_id) to "
        f"{literal(root / 'truth' / 'ml_runs.parquet')} (format parquet)"
    )


def _write_store(path: Path, planned: list[dict[str, Any]]) -> None:
    with closing(sqlite3.connect(path)) as store:
        store.executescript(_TABLES)
        store.execute("insert into experiments values (1, ?, 'active')", (EXPERIMENT,))
        store.execute("insert into datasets values ('d1', 1, 'corpus', '5f2a')")
        for run in planned:
            epochs = _epochs(run)
            recipe = f"{run['instance_id']}-{run['recipe']}"
            ended = None if run["state"] == "abandoned" else epochs[-1][2]
            store.execute(
                "insert into runs values (?, ?, ?, ?, ?, 'active', 'amy', 1, ?, ?, null)",
                (run["run_id"], f"run-{run['number']}", _STATUS[run["state"]],
                 _milliseconds(run["started_at"]), ended,
                 f"s3://{checkpoints.BUCKET}/runs/{run['run_id']}", f"c{abs(run['recipe']):07d}"),
            )  # fmt: skip
            store.executemany(
                "insert into params values (?, ?, ?)",
                [(run["run_id"], "learning_rate", "0.0003"), (run["run_id"], "recipe", recipe)],
            )
            store.executemany(
                "insert into tags values (?, ?, ?)",
                [
                    (run["run_id"], "instance_id", run["instance_id"]),
                    (run["run_id"], "team", "foundation"),
                    (run["run_id"], "mlflow.runName", f"run-{run['number']}"),
                ],
            )
            store.execute("insert into inputs values ('d1', ?)", (run["run_id"],))
            store.executemany(
                "insert into metrics values (?, 'loss', ?, ?, ?, 0)",
                [(run["run_id"], loss, at, epoch) for epoch, loss, at in epochs],
            )
        store.commit()


def _job(job: dict[str, Any]) -> dict[str, Any]:
    outcome = {"completed": "Completed", "failed": "Failed"}.get(job["outcome"], "Stopped")
    return {
        "TrainingJobName": job["resource_id"].rsplit("/", 1)[-1],
        "TrainingJobArn": job["resource_id"],
        "TrainingJobStatus": outcome,
        "SecondaryStatus": outcome,
        "ExperimentConfig": {"ExperimentName": job["experiment"]},
        "ResourceConfig": {"InstanceType": job["instance_type"], "InstanceCount": 1},
        "CreationTime": f"{job['started_at']:%Y-%m-%dT%H:%M:%SZ}",
        "TrainingStartTime": f"{job['started_at']:%Y-%m-%dT%H:%M:%SZ}",
        "TrainingEndTime": f"{job['ended_by']:%Y-%m-%dT%H:%M:%SZ}",
        "BillableTimeInSeconds": int(float(job["machine_hours"]) * 3600),
        "Tags": [{"Key": "team", "Value": job["team"]}],
    }
