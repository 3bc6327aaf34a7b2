"""Telemetry that says less than it should: sums over a machine, numbers for names, power alone."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.landing.inventories import write
from tests.warehouse.test_evidence import MIDNIGHT, build
from tests.warehouse.warehouse import Warehouse

HOURS = "warehouse.evidence.accelerator_hours_observed"


def stream(minute: int, host: str, value: float) -> dict[str, Any]:
    """A record of a metric stream of SageMaker: four accelerators make up to 400 %."""
    return {
        "metric_stream_name": "jobs",
        "account_id": "111122223333",
        "region": "us-east-1",
        "namespace": "/aws/sagemaker/TrainingJobs",
        "metric_name": "GPUUtilization",
        "dimensions": {"Host": host},
        "timestamp": (MIDNIGHT + 60 * minute) * 1000,
        "value": {"max": value, "min": value, "sum": value, "count": 1.0},
        "unit": "Percent",
    }


def time_series(number: str) -> dict[str, Any]:
    """What the Ops Agent says of an instance, which it knows by number."""
    at = datetime.fromtimestamp(MIDNIGHT, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {
        "metric": {
            "type": "agent.googleapis.com/gpu/utilization",
            "labels": {"gpu_number": "0", "uuid": f"GPU-{number}"},
        },
        "resource": {
            "type": "gce_instance",
            "labels": {"project_id": "p", "instance_id": number, "zone": "z"},
        },
        "points": [{"interval": {"startTime": at, "endTime": at}, "value": {"doubleValue": 30.0}}],
    }


def asset(name: str, number: str) -> dict[str, Any]:
    """An instance in an inventory of Google Cloud."""
    return {
        "name": f"//compute.googleapis.com/projects/p/zones/z/instances/{name}",
        "asset_type": "compute.googleapis.com/Instance",
        "resource": {"data": {"id": number, "labels": {}}},
        "ancestors": ["projects/123"],
    }


def capture() -> str:
    """An hour of boards whose work nvidia-smi does not tell; one is of no known model."""
    boards = (
        ("0", "GPU-A", "NVIDIA H100 80GB HBM3", "433.78 W", "70000 MiB"),
        ("1", "GPU-B", "NVIDIA H100 80GB HBM3", "69.85 W", "4 MiB"),
        ("2", "GPU-C", "NVIDIA H100 80GB HBM3", "69.85 W", "70000 MiB"),
        ("3", "GPU-D", "NVIDIA L4", "[N/A]", "4 MiB"),
        ("4", "GPU-E", "Another Board", "9.00 W", "4 MiB"),
        ("5", "GPU-F", "NVIDIA L4", "12.00 W", "[N/A]"),
    )
    lines = ["timestamp, index, uuid, name, utilization.gpu [%], power.draw [W], memory.used [MiB]"]
    for minute in range(60):
        lines += [
            f"2026/06/06 00:{minute:02}:00, {index}, {uuid}, {name}, [N/A], {power}, {memory}"
            for index, uuid, name, power, memory in boards
        ]
    return "\n".join(lines) + "\n"


@pytest.fixture(scope="module")
def thin(dbt_paths: Path, tmp_path_factory: Any) -> Warehouse:
    """Jobs of SageMaker, instances of Google Cloud, boards without a measure of work."""
    folder = tmp_path_factory.mktemp("thin")
    records = [
        stream(minute, host, value)
        for host, first, second in (("four/algo-1", 380.0, 12.0), ("one/algo-1", 95.0, 12.0))
        for minute, value in [(m, first) for m in range(60)] + [(m, second) for m in range(60, 120)]
    ]
    write(folder / "jobs" / "a.jsonl", records)
    write(folder / "ops" / "a.json", {"timeSeries": [time_series(n) for n in ("42", "43", "44")]})
    # Two instances bore one name, one after the other: bills tell them by number.
    assets = [asset("vm", "42"), asset("twice", "43"), asset("twice", "44")]
    write(folder / "assets" / "2026-06-01" / "assets.jsonl", assets)
    write(folder / "smi" / "node-9.csv", capture())
    return build(
        folder,
        inventories={"assets": ("gcp_assets", "./assets")},
        telemetry={
            "jobs": ("cloudwatch_gpu", "./jobs"),
            "ops": ("gcp_monitoring", "./ops"),
            "smi": ("nvidia_smi_csv", "./smi"),
        },
    )


def test_a_sum_over_a_machine_is_divided_by_its_accelerators(thin):
    """The largest reading of the month tells how many: 12 % of four is idle, of one it is not."""
    assert thin.rows(
        "select split_part(node_name, '/', 1), resource_key, mean_utilisation_ratio, used_minutes, "
        f"idle_free_minutes, idle_unread_minutes from {HOURS} where source_name = 'jobs' "
        "order by 1, hour_start"
    ) == [
        (job, f"arn:aws:sagemaker:us-east-1:111122223333:training-job/{job}", *figures)
        for job, *hours in (
            ("four", (0.95, 60, 0, 0), (0.03, 0, 60, 60)),
            ("one", (0.95, 60, 0, 0), (0.12, 60, 0, 0)),
        )
        for figures in hours
    ]


def test_an_instance_known_by_number_is_the_one_of_the_bill(thin):
    place = "//compute.googleapis.com/projects/p/locations/z/instances/"
    assert thin.rows(
        f"select node_name, provider, resource_key from {HOURS} where source_name = 'ops' "
        "order by 1"
    ) == [("42", "gcp", place + "vm"), ("43", "gcp", place + "43"), ("44", "gcp", place + "44")]


def test_power_tells_the_state_only_where_policy_lets_it(thin, tmp_path):
    states = (
        "select gpu_index, state_told_by, used_minutes, idle_held_minutes, idle_free_minutes, "
        f"idle_unread_minutes, unknown_minutes from {HOURS} where source_name = 'smi' order by 1"
    )
    unknown = (None, 0, 0, 0, 0, 60)
    assert thin.rows(states) == [(str(index), *unknown) for index in range(6)]
    copy = thin.copy_to(tmp_path / "home")
    copy.execute("update reference.idle_policy set value = 1 where parameter = 'power_fallback'")
    outcome = copy.dbt("run", "--full-refresh", "--select", "path:models/evidence/telemetry")
    assert set(outcome.values()) == {"success"}, json.dumps(outcome)
    assert copy.rows(states) == [
        ("0", "power", 60, 0, 0, 0, 0),
        ("1", "power", 0, 0, 60, 0, 0),
        ("2", "power", 0, 60, 0, 0, 0),
        # No power, or no board's limit to compare it with: nobody knows.
        ("3", *unknown),
        ("4", *unknown),
        ("5", "power", 0, 0, 60, 60, 0),
    ]
    # What is measured at work is not judged by power.
    measured = f"select * from {HOURS} where source_name <> 'smi' order by all"
    assert copy.rows(measured) == thin.rows(measured)
