"""Records of runs land as runs, whatever system keeps them."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import datetime
from typing import Any

import pytest

from tests.landing.bills import rows, write_csv
from tests.landing.inventories import write
from tests.landing.runs import copy_to_postgres, mlflow_store, postgres

START = 1780704000000  # 2026-06-06 00:00 UTC, in milliseconds
HOUR = 3_600_000


@pytest.fixture
def landed(house):
    """A house with a bill of June, and room for runs."""
    write_csv(house.folder / "bill" / "2026-06.csv", rows("2026-06"))
    return house.export("bill", "aws_cur_2", "./bill")


RUNS = [
    {
        "run_uuid": "a",
        "status": "FINISHED",
        "start_time": START,
        "end_time": START + HOUR,
        "source_version": "c0ffee",
        "params": {"lr": "0.1"},
        "tags": {"mlflow.parentRunId": "sweep", "instance_id": "i-1"},
        "metrics": [("loss", 1, 0.5, START + 60_000), ("loss", 2, 0.25, START + 120_000)],
    },
    # Its process was killed: the store says RUNNING for ever.
    {"run_uuid": "b", "status": "RUNNING", "start_time": START},
]


def test_a_live_store_is_read_through_sql(landed):
    store = mlflow_store(landed.folder / "mlflow.db", RUNS)
    landed.listed("ml_runs", "tracking", "mlflow", f"sqlite:///{store}")
    assert [entry.source_name for entry in landed.pending()] == ["bill"]
    assert not landed.land().refusals
    assert landed.query(
        "select run_id, native_state, parent_run_id, experiment_name, started_at, ended_at, "
        "git_sha, parameters, tags->>'instance_id' from raw_runs.runs order by 1"
    ) == [
        ("a", "FINISHED", "sweep", "atlas", datetime(2026, 6, 6), datetime(2026, 6, 6, 1),
         "c0ffee", '{"lr":"0.1"}', "i-1"),
        ("b", "RUNNING", None, "atlas", datetime(2026, 6, 6), None, None, "{}", None),
    ]  # fmt: skip
    assert landed.query(
        "select run_id, metric_name, step, value, strftime(logged_at, '%M') "
        "from raw_runs.metrics order by step"
    ) == [("a", "loss", 1.0, 0.5, "01"), ("a", "loss", 2.0, 0.25, "02")]
    assert landed.queue(built=True)
    assert not landed.land().landed
    # What changes in the store is landed; nothing else is built again.
    with closing(sqlite3.connect(store)) as connection:
        connection.execute("update runs set status = 'KILLED' where run_uuid = 'b'")
        connection.commit()
    landed.land()
    assert landed.query("select native_state from raw_runs.runs where run_id = 'b'") == [
        ("KILLED",)
    ]
    assert landed.queue() == ["tracking 2026-06 (landed again)"]


def test_a_store_that_does_not_answer_leaves_what_was_landed(landed):
    store = mlflow_store(landed.folder / "mlflow.db", RUNS)
    landed.listed("ml_runs", "tracking", "mlflow", f"sqlite:///{store}")
    landed.land()
    store.unlink()
    (refused,) = landed.land().refusals
    assert "does not exist" in refused.reason
    assert landed.query("select count(*) from raw_runs.runs") == [(2,)]


def test_a_store_in_postgres_reads_like_one_in_sqlite(landed):
    store = mlflow_store(landed.folder / "mlflow.db", RUNS)
    with postgres() as address:
        if address is None:
            pytest.skip("no Postgres server is installed")
        copy_to_postgres(store, address)
        landed.listed("ml_runs", "one", "mlflow", f"sqlite:///{store}")
        landed.listed("ml_runs", "other", "mlflow", address)
        assert not landed.land().refusals
        names = (
            "run_id, native_state, parent_run_id, started_at, ended_at, git_sha, experiment_name"
        )
        for query in (
            f"{names}, cast(parameters as json)->>'lr', tags->>'instance_id' from raw_runs.runs",
            "run_id, metric_name, step, value, logged_at from raw_runs.metrics",
        ):
            rows_of = "select {} where _source_name = '{}' order by all"
            found = landed.query(rows_of.format(query, "one"))
            assert found and found == landed.query(rows_of.format(query, "other"))
        assert not landed.land().landed
    refused = landed.land().refusals
    assert [refusal.source_name for refusal in refused] == ["other"]
    assert "cannot be read" in refused[0].reason


SAGEMAKER = {
    "TrainingJobName": "atlas-7",
    "TrainingJobArn": "arn:aws:sagemaker:us-east-1:111122223333:training-job/atlas-7",
    "TuningJobArn": "arn:aws:sagemaker:us-east-1:111122223333:hyper-parameter-tuning-job/t",
    "TrainingJobStatus": "Stopped",
    "SecondaryStatus": "MaxRuntimeExceeded",
    "HyperParameters": {"lr": "0.1"},
    "ResourceConfig": {"InstanceType": "ml.g5.12xlarge", "InstanceCount": 2, "VolumeSizeInGB": 9},
    "CreationTime": "2026-06-05T23:50:00.250000+00:00",
    "TrainingStartTime": "2026-06-06T02:00:00+02:00",
    "TrainingEndTime": 1780707600.0,
    "BillableTimeInSeconds": 7000,
    "CheckpointConfig": {"S3Uri": "s3://b/c"},
    "FinalMetricDataList": [{"MetricName": "loss", "Value": 0.5, "Timestamp": 1780707000.0}],
}
TUNING = {
    "HyperParameterTuningJobName": "t",
    "HyperParameterTuningJobArn": SAGEMAKER["TuningJobArn"],
    "HyperParameterTuningJobStatus": "Completed",
    "HyperParameterTuningJobConfig": {"Strategy": "Bayesian"},
    "CreationTime": "2026-06-06T00:00:00+00:00",
    "HyperParameterTuningEndTime": "2026-06-06T01:00:00+00:00",
    "BestTrainingJob": {
        "TrainingJobName": "atlas-7",
        "FinalHyperParameterTuningJobObjectiveMetric": {"MetricName": "loss", "Value": 0.5},
    },
}
VERTEX = {
    "customJobs": [
        {
            "name": "projects/1/locations/us-central1/customJobs/7",
            "displayName": "lumen",
            "state": "JOB_STATE_FAILED",
            "createTime": "2026-06-05T23:50:00.250Z",
            "startTime": "2026-06-06T00:00:00Z",
            "endTime": "2026-06-06T01:00:00Z",
            "labels": {"team": "vision"},
            "error": {"code": 13, "message": "out of memory"},
            "jobSpec": {
                "workerPoolSpecs": [
                    {"machineSpec": {"machineType": "a2-highgpu-1g"}, "replicaCount": "2"}
                ]
            },
        }
    ]
}
AZUREML = {
    "value": [
        {
            "runId": "blue_sky_1",
            "parentRunId": "sweep_1",
            "status": "Canceled",
            "createdUtc": "2026-06-05T23:50:00Z",
            "startTimeUtc": "2026-06-06T00:00:00.1234567+00:00",
            "endTimeUtc": "2026-06-06T01:00:00Z",
            "target": "gpu-cluster",
            "tags": {"team": "vision"},
            "properties": {"azureml.git.commit": "c0ffee"},
        }
    ]
}
OPTSCALE = {
    "_id": "7",
    "state": 3,
    "start": 1780704000,
    "finish": 1780707600,
    "executors": ["i-1"],
    "hyperparameters": {"EPOCHS": "2"},
    "data": {"loss": 0.5},
    "reason": "killed",
    "git": {"commit_id": "c0ffee"},
}
PLAIN = (
    "run_id,experiment,state,started_at,ended_at,executors,tags\n"
    '7,atlas,failed,2026-06-06T00:00:00Z,2026-06-06 01:00,i-1; i-2,"{""team"": ""vision""}"\n'
)


@pytest.mark.parametrize(
    ("kind", "content", "state", "executors", "more"),
    [
        ("sagemaker_training_jobs", SAGEMAKER, "Stopped", [SAGEMAKER["TrainingJobArn"]],
         {"native_detail": "MaxRuntimeExceeded", "instance_count": 2.0, "artifact_uri": "s3://b/c",
          "final_metrics": '[{"name":"loss","value":0.5,"at":"1780707000.0"}]'}),
        ("sagemaker_training_jobs", TUNING, "Completed", None,
         {"run_id": SAGEMAKER["TuningJobArn"], "run_name": "t",
          "parameters": '{"Strategy":"Bayesian"}',
          "final_metrics": '[{"name":"loss","value":0.5,"at":null}]'}),
        ("vertex_custom_jobs", VERTEX, "JOB_STATE_FAILED",
         ["projects/1/locations/us-central1/customJobs/7"],
         {"error_text": "out of memory", "instance_type": "a2-highgpu-1g"}),
        ("azureml_runs", AZUREML, "Canceled", ["gpu-cluster"],
         {"git_sha": "c0ffee", "parent_run_id": "sweep_1"}),
        ("optscale_runs", OPTSCALE, "3", ["i-1"], {"error_text": "killed", "git_sha": "c0ffee"}),
        ("ml_runs_csv", PLAIN, "failed", ["i-1", "i-2"], {"experiment_name": "atlas"}),
    ],
)  # fmt: skip
def test_jobs_of_any_system_come_to_the_same(landed, kind, content, state, executors, more):
    path = "runs.csv" if kind == "ml_runs_csv" else "runs.json"
    write(landed.folder / "r" / path, content)
    landed.listed("ml_runs", "r", kind, "./r")
    assert not landed.land().refusals
    names = ["native_state", "executors", *more]
    ((started_at, ended_at, *found),) = landed.query(
        f"select date_trunc('minute', started_at), ended_at, {', '.join(names)} from raw_runs.runs"
    )
    assert (started_at, ended_at) == (datetime(2026, 6, 6), datetime(2026, 6, 6, 1))
    given: dict[str, Any] = dict(zip(names, found, strict=True))
    assert json.loads(given["executors"] or "null") == executors
    assert given["native_state"] == state
    assert {name: given[name] for name in more} == more


def test_a_list_of_runs_has_its_history_of_metrics_beside_it(landed):
    write(landed.folder / "r" / "2026-06-07" / "runs.csv", PLAIN)
    write(
        landed.folder / "r" / "2026-06-07" / "metrics.csv",
        f"run_id,metric,step,value,timestamp\n7,loss,1,0.5,{START}\n7,loss,2,nothing,{START}\n",
    )
    landed.listed("ml_runs", "r", "ml_runs_csv", "./r")
    assert not landed.land().refusals
    assert landed.query("select metric_name, value from raw_runs.metrics") == [("loss", 0.5)]
    assert landed.query("select value from raw_ops.quarantined_rows") == [("nothing",)]
    assert landed.query("select strftime(dumped_at, '%d') from raw_runs.runs") == [("07",)]
