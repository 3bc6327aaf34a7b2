"""Records of training runs in the shapes of the systems that keep them, as one row per run.

States stay in the words of the system; what they mean is a seed's matter. A run belongs to the
month in which it started.
"""

from __future__ import annotations

from orchestration.exports.deliveries import Discovery
from orchestration.exports.filesystem import Location
from orchestration.exports.inventory_snapshots import day_in
from orchestration.exports.preparing import Preparation
from orchestration.exports.schemas import literal
from orchestration.exports.telemetry_layouts import discover_telemetry

#: Columns of a run, in the order in which every shape gives them.
RUN = {
    "run_id": "VARCHAR",
    "native_state": "VARCHAR",
    "native_detail": "VARCHAR",
    "parent_run_id": "VARCHAR",
    "experiment_name": "VARCHAR",
    "run_name": "VARCHAR",
    "created_at": "TIMESTAMP",
    "started_at": "TIMESTAMP",
    "ended_at": "TIMESTAMP",
    "seen_at": "TIMESTAMP",
    "user_name": "VARCHAR",
    "git_sha": "VARCHAR",
    "dataset_name": "VARCHAR",
    "instance_type": "VARCHAR",
    "instance_count": "VARCHAR",
    "executors": "VARCHAR",
    "parameters": "VARCHAR",
    "tags": "VARCHAR",
    "final_metrics": "VARCHAR",
    "billable_seconds": "VARCHAR",
    "artifact_uri": "VARCHAR",
    "error_text": "VARCHAR",
    "is_deleted": "VARCHAR",
}


def discover_runs(location: Location) -> Discovery:
    """Every data file; a dump of metrics lies beside one of runs."""
    return discover_telemetry(location)


def metrics_or_runs(names: list[str]) -> str | None:
    """A history of metrics has steps or keys, a list of runs has states."""
    found = {name.strip().lower() for name in names}
    is_history = "value" in found and not found & {"status", "state"}
    return "metrics" if is_history else None


def prepare_mlflow(preparation: Preparation) -> None:
    """Runs of an MLflow store, or of a plain list with the same columns."""
    if preparation.sql.dataset.table == "metrics":
        return
    sql = preparation.sql
    tags = sql.text("tags")
    listed = sql.text("executors")
    _replace_rows(
        preparation,
        {
            "run_id": sql.text("run_uuid"),
            "native_state": sql.text("status"),
            "parent_run_id": f"coalesce({sql.text('parent_run_id')}, "
            f"json_extract_string({tags}, '$.\"mlflow.parentRunId\"'))",
            "experiment_name": sql.text("experiment_name"),
            "run_name": sql.text("name"),
            "started_at": as_time(sql.text("start_time")),
            "ended_at": as_time(sql.text("end_time")),
            "user_name": sql.text("user_id"),
            "git_sha": sql.text("source_version"),
            "dataset_name": sql.text("datasets"),
            "executors": f"case when {listed} is not null then cast(to_json(list_filter("
            f"list_transform(string_split({listed}, ';'), lambda e: trim(e)), "
            "lambda e: e <> '')) as varchar) end",
            "parameters": sql.text("params"),
            "tags": tags,
            "artifact_uri": sql.text("artifact_uri"),
            "is_deleted": f"{sql.text('lifecycle_stage')} = 'deleted'",
        },
    )


def prepare_sagemaker(preparation: Preparation) -> None:
    """Answers of DescribeTrainingJob, which the bill names by its ARN, and of
    DescribeHyperParameterTuningJob: what holds training jobs together and is billed nothing."""
    sql = preparation.sql
    is_tuning = f"{sql.text('TrainingJobArn')} like '%:hyper-parameter-tuning-job/%'"
    resources = sql.text("ResourceConfig")
    parameters = sql.text("HyperParameters")
    tags = (
        "cast(to_json(map_from_entries(list_transform(from_json("
        f"coalesce({sql.text('Tags')}, '[]'), "
        """'[{"Key": "VARCHAR", "Value": "VARCHAR"}]'), """
        "lambda tag: struct_pack(k := tag.Key, v := tag.Value)))) as varchar)"
    )
    best = (
        f"json_extract({sql.text('BestTrainingJob')}, "
        "'$.FinalHyperParameterTuningJobObjectiveMetric')"
    )
    metrics = (
        "cast(to_json(list_transform(from_json("
        f"coalesce({sql.text('FinalMetricDataList')}, "
        f"case when {best} is not null then cast(json_array({best}) as varchar) end), "
        '\'[{"MetricName": "VARCHAR", "Value": "DOUBLE", "Timestamp": "VARCHAR"}]\'), '
        "lambda m: struct_pack(name := m.MetricName, value := m.Value, at := m.Timestamp))) "
        "as varchar)"
    )
    data = f"json_extract_string({sql.text('InputDataConfig')}, '$[0].DataSource"
    _replace_rows(
        preparation,
        {
            "run_id": sql.text("TrainingJobArn"),
            "native_state": sql.text("TrainingJobStatus"),
            "native_detail": sql.text("SecondaryStatus"),
            "parent_run_id": sql.text("TuningJobArn"),
            "experiment_name": f"json_extract_string({sql.text('ExperimentConfig')}, "
            "'$.ExperimentName')",
            "run_name": sql.text("TrainingJobName"),
            "created_at": as_time(sql.text("CreationTime")),
            "started_at": f"coalesce({as_time(sql.text('TrainingStartTime'))}, "
            f"case when {is_tuning} then {as_time(sql.text('CreationTime'))} end)",
            "ended_at": as_time(sql.text("TrainingEndTime")),
            "seen_at": as_time(sql.text("LastModifiedTime")),
            "dataset_name": f"{data}.S3DataSource.S3Uri')",
            "instance_type": f"json_extract_string({resources}, '$.InstanceType')",
            "instance_count": f"json_extract_string({resources}, '$.InstanceCount')",
            "executors": f"case when not {is_tuning} "
            f"then cast(to_json([{sql.text('TrainingJobArn')}]) as varchar) end",
            "parameters": parameters,
            "tags": f"cast(json_merge_patch({tags}, "
            f"coalesce({sql.text('Environment')}, '{{}}')) as varchar)",
            "final_metrics": metrics,
            "billable_seconds": f"cast({sql.text('BillableTimeInSeconds')} as varchar)",
            "artifact_uri": f"coalesce(json_extract_string({sql.text('CheckpointConfig')}, "
            f"'$.S3Uri'), json_extract_string({sql.text('ModelArtifacts')}, '$.S3ModelArtifacts'))",
            "error_text": sql.text("FailureReason"),
        },
    )


def prepare_vertex(preparation: Preparation) -> None:
    """Custom jobs of Vertex AI; bills know them by their labels, so the job is its own executor."""
    sql = preparation.sql
    spec = sql.text("jobSpec")
    pool = "$.workerPoolSpecs[0]"
    _replace_rows(
        preparation,
        {
            "run_id": sql.text("name"),
            "native_state": sql.text("state"),
            "experiment_name": f"json_extract_string({spec}, '$.experiment')",
            "run_name": sql.text("displayName"),
            "created_at": as_time(sql.text("createTime")),
            "started_at": as_time(sql.text("startTime")),
            "ended_at": as_time(sql.text("endTime")),
            "seen_at": as_time(sql.text("updateTime")),
            "instance_type": f"json_extract_string({spec}, '{pool}.machineSpec.machineType')",
            "instance_count": f"json_extract_string({spec}, '{pool}.replicaCount')",
            "executors": f"cast(to_json([{sql.text('name')}]) as varchar)",
            "tags": sql.text("labels"),
            "artifact_uri": f"json_extract_string({spec}, '$.baseOutputDirectory.outputUriPrefix')",
            "error_text": f"json_extract_string({sql.text('error')}, '$.message')",
        },
    )


def prepare_azureml(preparation: Preparation) -> None:
    """Runs of Azure Machine Learning; the bill knows the compute that is their target."""
    sql = preparation.sql
    properties = sql.text("properties")
    _replace_rows(
        preparation,
        {
            "run_id": sql.text("runId"),
            "native_state": sql.text("status"),
            "parent_run_id": sql.text("parentRunId"),
            "experiment_name": sql.text("experimentName"),
            "run_name": sql.text("displayName"),
            "created_at": as_time(sql.text("createdUtc")),
            "started_at": as_time(sql.text("startTimeUtc")),
            "ended_at": as_time(sql.text("endTimeUtc")),
            "seen_at": as_time(sql.text("lastModifiedUtc")),
            "user_name": f"json_extract_string({sql.text('createdBy')}, '$.userName')",
            "git_sha": f"json_extract_string({properties}, '$.\"azureml.git.commit\"')",
            "executors": f"case when {sql.text('target')} is not null "
            f"then cast(to_json([{sql.text('target')}]) as varchar) end",
            "parameters": sql.text("parameters"),
            "tags": sql.text("tags"),
            "error_text": f"json_extract_string({sql.text('error')}, '$.error.message')",
        },
    )


def prepare_optscale(preparation: Preparation) -> None:
    """Runs of OptScale's tracker."""
    sql = preparation.sql
    data = sql.text("data")
    _replace_rows(
        preparation,
        {
            "run_id": sql.text("_id"),
            "native_state": sql.text("state"),
            "parent_run_id": sql.text("runset_id"),
            "experiment_name": sql.text("task_id"),
            "run_name": sql.text("name"),
            "started_at": as_time(sql.text("start")),
            "ended_at": as_time(sql.text("finish")),
            "git_sha": f"json_extract_string({sql.text('git')}, '$.commit_id')",
            "dataset_name": sql.text("dataset_id"),
            "executors": sql.text("executors"),
            "parameters": sql.text("hyperparameters"),
            "tags": sql.text("tags"),
            "final_metrics": "cast(to_json(list_transform(map_entries(cast(cast("
            f"coalesce({data}, '{{}}') as json) as map(varchar, double))), "
            "lambda m: struct_pack(name := m.key, value := m.value))) as varchar)",
            "error_text": f"case when {sql.text('state')} in ('3', '4') "
            f"then {sql.text('reason')} end",
        },
    )


def as_time(text: str) -> str:
    """SQL of a time written as ISO, with or without a zone, or since 1970 in (milli)seconds."""
    number = f"try_cast({text} as double)"
    micros = f"case when {number} < 1e11 then {number} * 1000000 else {number} * 1000 end"
    return (
        f"coalesce(make_timestamp(cast({micros} as bigint)), "
        f"timezone('UTC', try_cast({text} as timestamptz)))"
    )


def _replace_rows(preparation: Preparation, values: dict[str, str]) -> None:
    """Put runs in place of the file's rows; what a system does not tell is NULL."""
    sql = preparation.sql
    selected = ", ".join(
        f"cast({values.get(name, 'null')} as {sql_type}) as {name}"
        for name, sql_type in RUN.items()
    )
    day = day_in(sql.local.source.full_path)
    dumped = f"timestamp {literal(day.isoformat(sep=' '))}" if day else "cast(null as timestamp)"
    header = sql.local.header
    header.columns.clear()
    header.drift.clear()
    preparation.rewrite(
        f"select *, coalesce(started_at, created_at) as listed_at, {dumped} as dumped_at "
        f"from (select {selected} from {sql.relation})",
        RUN | {"listed_at": "TIMESTAMP", "dumped_at": "TIMESTAMP"},
    )
