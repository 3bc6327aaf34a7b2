"""Training runs: what was tried, when, on which machines, with what code and data, and how it
ended."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from orchestration.exports import runs_layouts as layouts
from orchestration.exports.kinds.base import Dataset, Kind
from orchestration.exports.preparing import Preparation
from orchestration.exports.run_stores import ask_mlflow

#: Runs tell about machines of any provider.
PROVIDER = "runs"
_dataset = partial(Dataset.of_records, PROVIDER)


def _kind(
    name: str,
    shape: str,
    prepare: Callable[[Preparation], None],
    hint: str,
    *,
    records: tuple[str, ...] = (),
    with_history: bool = False,
    ask: Callable[[str, Path, Mapping[str, str]], None] | None = None,
) -> Kind:
    hint = f"This does not look like {hint}"
    datasets = [_dataset("runs", shape, "listed_at", ("run_id", "native_state", "listed_at"), hint)]
    if with_history:
        filled = ("run_id", "metric_name", "logged_at")
        datasets.append(_dataset("metrics", "runs_metrics", "logged_at", filled, hint))
    return Kind(
        name=name,
        provider=PROVIDER,
        datasets=tuple(datasets),
        discover=layouts.discover_runs,
        by_header=layouts.metrics_or_runs if with_history else None,
        records=records,
        prepare=prepare,
        section="ml_runs",
        ask=ask,
    )


KINDS = (
    _kind(
        "mlflow",
        "runs_mlflow",
        layouts.prepare_mlflow,
        "an MLflow store: name its database (sqlite:///... or postgresql://...).",
        with_history=True,
        ask=ask_mlflow,
    ),
    _kind(
        "ml_runs_csv",
        "runs_mlflow",
        layouts.prepare_mlflow,
        "a list of runs: docs/telemetry.md lists its columns.",
        with_history=True,
    ),
    _kind(
        "sagemaker_training_jobs",
        "runs_sagemaker",
        layouts.prepare_sagemaker,
        "training jobs: save what `aws sagemaker describe-training-job` prints.",
        records=("TrainingJobs",),
    ),
    _kind(
        "vertex_custom_jobs",
        "runs_vertex",
        layouts.prepare_vertex,
        "custom jobs: save the answers of customJobs.list.",
        records=("customJobs",),
    ),
    _kind(
        "azureml_runs",
        "runs_azureml",
        layouts.prepare_azureml,
        "runs of Azure Machine Learning: save the answers of the run history API.",
        records=("value",),
    ),
    _kind(
        "optscale_runs",
        "runs_optscale",
        layouts.prepare_optscale,
        "runs of OptScale: export the run documents as JSON Lines.",
    ),
)
