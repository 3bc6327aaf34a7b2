"""What telemetry says about accelerators: the same whatever tool, unit or spelling it came in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration.exports.config import load_exports
from orchestration.exports.landing import land
from orchestration.pipeline import plan_build
from orchestration.project import prepare_environment
from tests.landing.bills import rows, write_csv
from tests.warehouse.warehouse import Warehouse

TELEMETRY = [
    "telemetry_metrics",
    "telemetry_units",
    "idle_policy",
    "telemetry_hosts",
    "path:models/staging/telemetry",
    "path:models/evidence/telemetry",
]


def build(folder: Path, section: str, sources: dict[str, tuple[str, str]]) -> Warehouse:
    """Land sources (name -> kind, location) beside a small bill and build what reads them."""
    write_csv(folder / "bill" / "2026-06.csv", rows("2026-06"))
    lines = ["exports:", "  - {name: bill, kind: aws_cur_2, location: ./bill}", f"{section}:"]
    lines += [
        f"  - {{name: {name}, kind: {kind}, location: '{location}'}}"
        for name, (kind, location) in sources.items()
    ]
    (folder / "exports.yml").write_text("\n".join(lines))
    home = prepare_environment(folder / "home")
    report = land(load_exports(folder / "exports.yml"), home)
    assert not report.refusals, report.refusals
    plan_build(home)
    warehouse = Warehouse(home)
    outcome = warehouse.dbt("build", "--select", *TELEMETRY)
    assert set(outcome.values()) <= {"success", "pass"}, outcome
    return warehouse


@pytest.fixture(scope="module")
def trace(samples: Path, dbt_paths: Path, tmp_path_factory: Any) -> Warehouse:
    """A day of 143 serving pods, one accelerator each, as a dump of an exporter would hold it."""
    folder = tmp_path_factory.mktemp("trace")
    (folder / "dump").mkdir()
    origin = samples / "telemetry" / "alibaba_gentd26"
    with duckdb.connect() as connection:
        for metric, name, value in (
            ("DCGM_FI_DEV_GPU_UTIL", "pod_gpu_duty_cycle_anon", "value"),
            ("DCGM_FI_DEV_FB_USED", "pod_gpu_memory_used_bytes_anon", "value / 1048576"),
        ):
            connection.execute(
                f"copy (select cast(timestamp_anon as bigint) as ts, '{metric}' as metric, "
                f'{value} as value, container_ip as "UUID", container_ip as pod '
                f"from '{origin}/{name}.csv.gz') to '{folder}/dump/{metric}.parquet'"
            )
    return build(folder, "telemetry", {"trace": ("prometheus_samples", "./dump")})


def test_the_trace_gives_its_reference_numbers(trace):
    """R0 to R5 of the trace, as they were computed from its files by other means."""
    hours = "warehouse.evidence.accelerator_hours_observed"
    assert trace.rows(
        f"select count(distinct device_id), count(*), sum(samples), sum(zero_samples), "
        f"sum(idle_samples), sum(memory_known_samples), sum(idle_held_samples) from {hours} "
        "where samples > 0"
    ) == [(143, 2_723, 157_417, 105_229, 113_771, 157_415, 113_470)]
    assert trace.rows(
        "select count(*) filter (max_utilisation_ratio < 0.05), "
        "count(*) filter (max_utilisation_ratio < 0.05 and samples >= 30), "
        "count(*) filter (samples >= 30), count(*) filter (mean_utilisation_ratio < 0.05), "
        "round(100 * (1 - sum(mean_utilisation_ratio * samples) / sum(samples)), 4) "
        f"from {hours} where samples > 0"
    ) == [(479, 338, 2_547, 1_545, 92.9748)]
    assert trace.rows(f"select sum(streak_samples) from {hours}") == [(30_860,)]
    streaks = "warehouse.evidence.idle_streaks"
    assert trace.rows(
        "select count(*) filter (is_idle), sum(samples) filter (is_idle), "
        "count(*) filter (streak_seconds >= 1800), "
        "sum(samples) filter (streak_seconds >= 1800) "
        f"from {streaks}"
    ) == [(209, 30_860, 700, 50_393)]
