"""Telemetry: what accelerators, pods and batch jobs did, whatever tool watched them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from orchestration.exports import telemetry_layouts as layouts
from orchestration.exports.headers import HeaderDialect
from orchestration.exports.inventory_snapshots import check_day
from orchestration.exports.kinds.base import ControlColumns, Dataset, Kind
from orchestration.exports.preparing import Preparation
from orchestration.exports.prometheus_api import ask_prometheus, check_step

#: Telemetry tells about machines of any provider.
PROVIDER = "telemetry"
SAMPLES = "telemetry_samples"
ZONE = {"timezone": False}


def samples_in(shape: str, hint: str) -> Dataset:
    """Samples of any tool share a table; `shape` is the schema of the file as it is delivered."""
    return Dataset(
        table="samples",
        view=("raw_telemetry", "samples"),
        schema=SAMPLES,
        dialect=HeaderDialect(schema=shape, slash_names=False, wrong_kind_hint=hint),
        control=ControlColumns.of_records("sampled_at", ("sampled_at", "metric_name")),
        counts_as="telemetry",
    )


def _kind(
    name: str,
    shape: str,
    prepare: Callable[[Preparation], None] | None,
    hint: str,
    *,
    records: tuple[str, ...] = (),
    options: dict[str, bool] | None = None,
    ask: Callable[[str, Path, Mapping[str, str]], None] | None = None,
) -> Kind:
    return Kind(
        name=name,
        provider=PROVIDER,
        datasets=(samples_in(shape, f"This does not look like {hint}"),),
        discover=layouts.discover_telemetry,
        records=records,
        prepare=prepare,
        additive=True,
        section="telemetry",
        options=options or {},
        option_checks={
            "timezone": layouts.check_zone,
            "step": check_step,
            "since": check_day,
        },
        ask=ask,
    )


def _table(table: str, schema: str, period: str, filled: tuple[str, ...], view: str) -> Dataset:
    return Dataset(
        table=table,
        view=(view, table),
        schema=schema,
        dialect=HeaderDialect(schema=schema, slash_names=False),
        control=ControlColumns.of_records(period, filled),
        counts_as="telemetry",
    )


def _openshift_table(names: list[str]) -> str | None:
    return "openshift_gpus" if "gpu_pod_uptime" in {n.strip().lower() for n in names} else None


_PROMETHEUS = "answers of Prometheus: save what /api/v1/query_range gives, as it comes."

KINDS = (
    _kind(
        "prometheus_range",
        "telemetry_prometheus",
        layouts.prepare_prometheus,
        _PROMETHEUS,
        records=("data.result",),
        options={
            "cluster": False,
            "metric": False,
            "metrics": False,
            "since": False,
            "step": False,
        },
        ask=ask_prometheus,
    ),
    _kind(
        "kubernetes_pods",
        "telemetry_prometheus",
        layouts.prepare_prometheus,
        _PROMETHEUS,
        records=("data.result",),
        options={"cluster": False},
    ),
    _kind(
        "prometheus_samples",
        SAMPLES,
        None,
        "samples: docs/telemetry.md lists the columns (timestamp, metric, value, labels).",
    ),
    _kind(
        "nvidia_smi_csv",
        "telemetry_nvidia_smi",
        layouts.prepare_nvidia_smi,
        "captures of `nvidia-smi --query-gpu=... --format=csv`.",
        options={"host": False, **ZONE},
    ),
    _kind(
        "cloudwatch_gpu",
        "telemetry_cloudwatch",
        layouts.prepare_cloudwatch,
        "CloudWatch metrics: deliver a metric stream in JSON, or answers of GetMetricData with the "
        "queries beside them.",
        records=("MetricDataResults",),
    ),
    _kind(
        "gcp_monitoring",
        "telemetry_gcp",
        layouts.prepare_gcp,
        "answers of timeSeries.list.",
        records=("timeSeries",),
    ),
    _kind(
        "azure_monitor",
        "telemetry_azure",
        layouts.prepare_azure,
        "answers of Azure Monitor's metrics list.",
        records=("value",),
    ),
    Kind(
        name="openshift_usage",
        provider=PROVIDER,
        datasets=(
            _table(
                "openshift_pods",
                "telemetry_openshift_pods",
                "interval_start",
                ("interval_start", "pod", "node"),
                "raw_telemetry",
            ),
            _table(
                "openshift_gpus",
                "telemetry_openshift_gpus",
                "interval_start",
                ("interval_start", "gpu_uuid", "node"),
                "raw_telemetry",
            ),
        ),
        discover=layouts.discover_telemetry,
        by_header=_openshift_table,
        additive=True,
        section="telemetry",
    ),
    Kind(
        name="slurm_sacct",
        provider=PROVIDER,
        datasets=(
            _table(
                "slurm_jobs",
                "runs_slurm_jobs",
                "listed_at",
                ("job_id_raw", "state", "listed_at"),
                "raw_runs",
            ),
        ),
        discover=layouts.discover_telemetry,
        prepare=layouts.prepare_slurm,
        section="telemetry",
        options={"cluster": False, **ZONE},
        option_checks={"timezone": layouts.check_zone},
        delimiters=("|", ","),
    ),
)
