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
from sample_estate import generate
from tests.landing.bills import rows, write_csv
from tests.landing.inventories import write
from tests.landing.runs import mlflow_store
from tests.warehouse.warehouse import Warehouse

EVIDENCE = [
    "path:seeds/hardware/telemetry_metrics.csv",
    "path:seeds/hardware/telemetry_units.csv",
    "accelerator_specs",
    "+inventory_items",
    "idle_policy",
    "telemetry_hosts",
    "path:seeds/policy/run_*.csv",
    "path:models/staging/telemetry",
    "path:models/staging/runs",
    "path:models/evidence/telemetry",
    "path:models/evidence/runs",
]


def build(folder: Path, **sections: dict[str, tuple[str, str]]) -> Warehouse:
    """Land sources (name -> kind, location) beside a small bill and build what reads them."""
    write_csv(folder / "bill" / "2026-06.csv", rows("2026-06"))
    lines = ["exports:", "  - {name: bill, kind: aws_cur_2, location: ./bill}"]
    for section, sources in sections.items():
        lines.append(f"{section}:")
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
    outcome = warehouse.dbt("build", "--indirect-selection", "cautious", "--select", *EVIDENCE)
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
    return build(folder, telemetry={"trace": ("prometheus_samples", "./dump")})


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


def test_the_idle_limit_is_a_parameter(trace, tmp_path):
    """R1b of the trace: the same samples below 1 % and below 10 %."""
    copy = trace.copy_to(tmp_path / "home")
    for limit, share in ((0.01, 69.9372), (0.1, 75.4512)):
        copy.execute(
            f"update reference.idle_policy set value = {limit} where parameter = 'idle_below'"
        )
        outcome = copy.dbt("run", "--full-refresh", "--select", "path:models/evidence/telemetry")
        assert set(outcome.values()) == {"success"}, outcome
        assert copy.rows(
            "select round(100 * sum(idle_samples) / sum(samples), 4) "
            "from warehouse.evidence.accelerator_hours_observed"
        ) == [(share,)]


#: Half a minute between scrapes from midnight of the sixth of June, in seconds since 1970.
STEP, MIDNIGHT = 30, 1780704000
MILLISECONDS = 1000 * MIDNIGHT


def readings(ratio: bool = False) -> list[tuple[int, float, float, float]]:
    """Three hours of a device: (time, work, memory in MiB, energy in mJ).

    The first is busy. It is idle with a model in memory from 01:10 on, and without from 02:00; the
    third hour has a gap of ten minutes. The counter of energy starts again at 01:00.
    """
    found = []
    for number in range(3 * 3600 // STEP):
        minute = number * STEP // 60
        if 130 <= minute < 140:
            continue
        work = 60 + number % 40 if minute < 70 else number % 3
        energy = 5e9 + number * 9e6 if minute < 60 else (number - 120) * 9e6
        memory = 40_000.0 if minute < 120 else 300.0
        at = MIDNIGHT + number * STEP
        found.append((at, work / 100 if ratio else float(work), memory, energy))
    return found


def answer(names: tuple[str, str, str], labels: dict[str, str], ratio: bool = False) -> dict:
    """The device as Prometheus would answer a range query."""
    result = []
    for place, name in enumerate(names, start=1):
        values = [[reading[0], repr(reading[place])] for reading in readings(ratio)]
        result.append({"metric": {"__name__": name, **labels}, "values": values})
    return {"status": "success", "data": {"resultType": "matrix", "result": result}}


OLD = ("DCGM_FI_DEV_GPU_UTIL", "DCGM_FI_DEV_FB_USED", "DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION")
NEW = ("DCGM_FI_DEV_GPU_UTIL_RATIO", *OLD[1:])
SPELLINGS = {
    "plain": (OLD, {"UUID": "GPU-1", "gpu": "0", "Hostname": "node-1", "pod": "train"}, False),
    "renamed": (NEW, {"uuid": "GPU-1", "gpu": "0", "hostname": "node-1", "pod": "train"}, False),
    "as_ratio": (NEW, {"UUID": "GPU-1", "gpu": "0", "Hostname": "node-1", "pod": "train"}, True),
    "relabelled": (OLD, {"UUID": "GPU-1", "gpu": "0", "Hostname": "node-1",
                         "pod": "dcgm-exporter-x", "exported_pod": "train"}, False),
}  # fmt: skip
KUBE = [
    {
        "metric": {"__name__": "kube_node_info", "node": "node-1",
                   "provider_id": "aws:///us-east-1a/i-0123456789abcdef0"},
        "value": [MIDNIGHT, "1"],
    },
    # Two pods of one name: the second was started when the first had gone.
    *(
        {"metric": {"__name__": name, "namespace": "lab", "pod": "train", "uid": uid, **labels},
         "value": [MIDNIGHT, value]}
        for uid in ("u1", "u2")
        for name, labels, value in (
            ("kube_pod_info", {"node": "node-1"}, "1"),
            ("kube_pod_status_phase", {"phase": "Running"}, "1" if uid == "u2" else "0"),
            ("kube_pod_status_phase", {"phase": "Failed"}, "0" if uid == "u2" else "1"),
            ("kube_pod_container_resource_requests",
             {"container": "a", "resource": "nvidia_com_gpu"}, "2"),
            ("kube_pod_container_resource_requests",
             {"container": "b", "resource": "cpu"}, "1.5"),
            ("kube_pod_container_resource_requests",
             {"container": "a", "resource": "cpu"}, "0.5"),
        )
    ),
]  # fmt: skip
CAPTURE = (
    "timestamp, index, uuid, name, mig.mode.current, utilization.gpu [%], power.draw [W]\n"
    "2026/06/06 00:00:00, 0, GPU-9, NVIDIA H100, Enabled, [N/A], 433.78 W\n"
    "2026/06/06 00:01:00, 0, GPU-9, NVIDIA H100, Enabled, [N/A], 433.78 W\n"
)
RUNS = [
    {"run_uuid": "good", "status": "FINISHED", "start_time": MILLISECONDS,
     "end_time": MILLISECONDS + 3_600_000, "params": {"lr": "0.1", "epochs": "2"},
     "tags": {"Instance_ID": "i-1, i-2", "mlflow.source.git.commit": "c0ffee", "team": "vision"},
     "metrics": [("loss", 1, 0.5, MILLISECONDS + 60_000)] * 2},
    {"run_uuid": "killed", "status": "RUNNING", "start_time": MILLISECONDS,
     "params": {"epochs": "2", "lr": "0.1"}, "tags": {"instance_id": "i-1"},
     "metrics": [("loss", 1, 0.5, MILLISECONDS + 7_200_000)]},
    {"run_uuid": "alive", "status": "RUNNING", "start_time": MILLISECONDS,
     "metrics": [("loss", 1, 0.5, MILLISECONDS + 48 * 3_600_000)]},
]  # fmt: skip
SACCT = (
    "JobID|JobIDRaw|JobName|State|Start|End|AllocTRES|NodeList\n"
    "7|7|train|RUNNING|2026-06-06T00:00:00|Unknown|gres/gpu:a100=2|node[1-2]\n"
    "7.batch|7.batch|batch|RUNNING|2026-06-06T00:00:00|Unknown|gres/gpu=2|node1\n"
)


@pytest.fixture(scope="module")
def scene(dbt_paths: Path, tmp_path_factory: Any) -> Warehouse:
    """One device in four spellings, one that is cut by MIG, and runs of three systems."""
    folder = tmp_path_factory.mktemp("scene")
    telemetry = {"kube": ("kubernetes_pods", "./kube"), "smi": ("nvidia_smi_csv", "./smi")}
    for name, (metrics, labels, ratio) in SPELLINGS.items():
        content = answer(metrics, labels, ratio)
        write(folder / name / "a.json", content)
        # The same samples again: a range query that overlaps.
        for series in content["data"]["result"]:
            series["values"] = series["values"][-200:]
        write(folder / name / "b.json", content)
        telemetry[name] = ("prometheus_range", f"./{name}")
    write(folder / "kube" / "a.json", {"data": {"resultType": "vector", "result": KUBE}})
    write(folder / "smi" / "node-9.csv", CAPTURE)
    dumps = (("2026-06-06", SACCT), ("2026-06-07", SACCT.replace("RUNNING", "TIMEOUT")))
    for day, text in dumps:
        write(folder / "slurm" / f"{day}.txt", text.replace("Unknown", "2026-06-06T02:00:00"))
    telemetry["slurm"] = ("slurm_sacct", "./slurm")
    store = mlflow_store(folder / "mlflow.db", RUNS)
    generate(folder / "estate", rows=3_000, providers=("aws",), inventories=False, telemetry=True)
    telemetry["dcgm"] = ("prometheus_samples", "./estate/telemetry/dcgm")
    telemetry["nodes"] = ("kubernetes_pods", "./estate/telemetry/kubernetes")
    runs = {
        "mlflow": ("mlflow", f"sqlite:///{store}"),
        "estate_mlflow": ("mlflow", "sqlite:///estate/runs/mlflow.db"),
        "jobs": ("sagemaker_training_jobs", "./estate/runs/sagemaker"),
    }
    return build(folder, telemetry=telemetry, ml_runs=runs)


@pytest.fixture(scope="module")
def truth(scene: Warehouse) -> Path:
    """What the estate of the scene planted."""
    return scene.home.parent / "estate" / "truth"


def test_names_units_and_spellings_change_nothing(scene):
    observed = {
        name: scene.rows(
            "select * exclude (source_name, utilisation_metric) "
            "from warehouse.evidence.accelerator_hours_observed "
            f"where source_name = '{name}' order by hour_start"
        )
        for name in SPELLINGS
    }
    assert len(observed["plain"]) == 3
    assert all(rows == observed["plain"] for rows in observed.values()), observed


def test_states_make_the_hour_and_what_nobody_saw_is_unknown(scene):
    assert scene.rows(
        "select hour(hour_start), samples, is_covered, used_minutes, idle_held_minutes, "
        "idle_free_minutes, unknown_minutes, provider, resource_key, pod_name, allocated_minutes "
        "from warehouse.evidence.accelerator_hours_observed "
        "where source_name = 'plain' order by 1"
    ) == [
        (0, 120, True, 60, 0, 0, 0, "aws", "i-0123456789abcdef0", "train", 60),
        (1, 120, True, 10, 50, 0, 0, "aws", "i-0123456789abcdef0", "train", 60),
        # Ten idle minutes join the streak of the hour before; those after the gap are too few.
        (2, 100, True, 40, 0, 10, 10, "aws", "i-0123456789abcdef0", "train", 60),
    ]
    # Energy between the first and last sample of the hour, 9 kJ each half minute; no reset is lost.
    assert scene.rows(
        "select distinct energy_kwh from warehouse.evidence.accelerator_hours_observed "
        "where source_name = 'plain'"
    ) == [(0.2975,)]
    assert scene.rows(
        "select samples, mean_utilisation_ratio, unknown_minutes, power_mean_watts, resource_key "
        "from warehouse.evidence.accelerator_hours_observed where source_name = 'smi'"
    ) == [(0, None, 60, 433.78, None)]


def test_pods_of_one_name_are_two_and_know_their_machine(scene):
    assert scene.rows(
        "select pod_namespace, pod_name, pod_uid, node_name, provider, resource_key, phase_name, "
        "accelerators_requested, cpu_cores_requested, present_ratio "
        "from warehouse.evidence.pod_hours order by pod_uid"
    ) == [
        ("lab", "train", uid, "node-1", "aws", "i-0123456789abcdef0", phase, 2.0, 2.0, 1.0)
        for uid, phase in (("u1", "Failed"), ("u2", "Running"))
    ]


def test_runs_have_one_vocabulary_and_killed_ones_are_recognised(scene):
    assert scene.rows(
        "select run_id, run_state, hour(last_alive_at), git_sha, team, executors, "
        "accelerator_count, logged_values from warehouse.evidence.runs "
        "where source_name in ('mlflow', 'slurm') order by 1"
    ) == [
        ("7", "timeout", None, None, None, '["node1","node2"]', 2.0, 0),
        ("alive", "running", None, None, None, None, None, 1),
        ("good", "succeeded", None, "c0ffee", "vision", None, None, 1),
        ("killed", "abandoned", 2, None, None, None, None, 1),
    ]
    assert scene.rows(
        "select count(distinct parameters_key) from warehouse.evidence.runs "
        "where run_id in ('good', 'killed')"
    ) == [(1,)]
    assert scene.rows(
        "select run_id, provider, resource_key from warehouse.evidence.run_executors "
        "where source_name in ('mlflow', 'slurm') order by all"
    ) == [
        ("7", None, "node1"),
        ("7", None, "node2"),
        ("good", "aws", "i-1"),
        ("good", "aws", "i-2"),
        ("killed", "aws", "i-1"),
    ]


def test_hours_of_the_estate_are_those_planted(scene, truth):
    """Every accelerator-hour is in the state that was planted; unseen hours are not there."""
    assert scene.rows(
        f"""
        with planted as (
            select *, case state when 'used' then [60, 0, 0] when 'idle_held' then [0, 60, 0]
                else [0, 0, 60] end as minutes
            from '{truth}/accelerator_hours.parquet' where state <> 'unknown'
        ),
        found as (
            select *, [used_minutes, idle_held_minutes, idle_free_minutes] as minutes
            from warehouse.evidence.accelerator_hours_observed
            where source_name = 'dcgm' and utilisation_metric is not null
        )
        select count(planted.state), count(found.device_id), count(*),
            count(*) filter (planted.minutes is distinct from found.minutes),
            count(*) filter (found.unknown_minutes <> 0),
            count(*) filter (planted.instance_id is distinct from found.resource_key),
            count(*) filter (planted.pod is distinct from found.pod_name),
            count(*) > 1000, count(distinct planted.state), count(found.mig_instance) > 0
        from planted full join found
            on planted.device_id = found.device_id and planted.hour_start = found.hour_start"""
    )[0][3:] == (0, 0, 0, 0, True, 4, True)


def test_runs_of_the_estate_ended_as_planted(scene, truth):
    assert (
        scene.rows(
            f"""
        with told as (
            select runs.*, executors.resource_key
            from warehouse.evidence.runs
            left join warehouse.evidence.run_executors as executors using (source_name, run_id)
            where source_name = 'estate_mlflow'
        )
        select planted.run_id, planted.run_state, told.run_state
        from '{truth}/ml_runs.parquet' as planted
        full join told on planted.run_id = told.run_id
        where planted.run_state is distinct from told.run_state
            or planted.instance_id is distinct from told.resource_key
            or planted.ended_at is distinct from coalesce(told.ended_at, told.last_alive_at)
            or planted.epochs is distinct from told.last_step"""
        )
        == []
    )
    # A run that repeats another has its code, data and parameters; no other has.
    assert scene.rows(
        "select count(*) from (select git_sha, dataset_name, parameters_key "
        "from warehouse.evidence.runs where source_name = 'estate_mlflow' "
        "group by all having count(*) > 1)"
    ) == scene.rows(f"select count(*) from '{truth}/ml_runs.parquet' where repeats")
    assert scene.rows(
        "select count(*) > 5, bool_and(resource_key like 'arn:%:training-job/%') "
        "from warehouse.evidence.run_executors where source_name = 'jobs'"
    ) == [(True, True)]
