"""``python -m benchmarks.telemetry``: hourly states of accelerators against a raw aggregate.

A month of 1,000 accelerators at half a minute is 86.4M samples of work. They come as an exporter's
dump with labels as columns, a file a day, all devices of an instant together. A third of the
machines serve (work in single samples, a model in memory), half train (hours of work with pauses
for checkpoints, then nothing), the rest are notebooks.

The yardstick is one DuckDB statement over the same files: count, sum, least, largest and low
samples per device, metric and hour. Ours lands the files and says what each hour was: used, idle
with a model in memory, idle without, or not seen.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from pathlib import Path

import duckdb

from benchmarks.measure import Measured, run, say
from orchestration import pipeline
from orchestration.project import prepare_environment

DEVICES, PER_MACHINE, STEP = 1000, 8, 30
TICKS = 86_400 // STEP
MONTH = "2026-06-01"
METRICS = {
    "utilisation": "DCGM_FI_DEV_GPU_UTIL",
    "memory": "DCGM_FI_DEV_FB_USED",
    "power": "DCGM_FI_DEV_POWER_USAGE",
}
COLUMNS = (
    "samples", "metrics", "raw s", "land s", "models s", "ratio", "Mrows/s", "peak GB", "raw GB",
    "read again", "start-up s",
)  # fmt: skip
#: What an accelerator does at an instant. A machine that trains has a job in most of its slots of
#: six hours, which begins and ends at any minute and saves its model every 40 minutes.
WORK = """
    case
        when machine % 20 < 10 then case
            when hash(machine, slot) % 4 = 0 or slot_tick > 400 + hash(slot, machine) % 320 then 0
            when slot_tick % 80 < 5 then 0
            else 55 + noise % 45 end
        when machine % 20 < 17 then case when noise % 100 < 62 then 0 else 3 + noise % 70 end
        else case when tick % 2880 between 1000 and 2200 and noise % 11 = 0
            then noise % 60 else 0 end
    end"""
HELD = """
    case
        when machine % 20 < 10 then
            hash(machine, slot) % 4 <> 0 and slot_tick <= 400 + hash(slot, machine) % 320
        when machine % 20 < 17 then true
        else tick % 2880 between 1000 and 2300
    end"""
READING = {
    "utilisation": "work",
    "memory": "case when is_held then 41000 + device % 7000 else 420 end",
    "power": "70 + 5 * work + noise % 9",
}


def generate(folder: Path, days: int, metrics: list[str]) -> None:
    """Write the dump of so many days; one file each."""
    folder.mkdir(parents=True)
    with duckdb.connect() as connection:
        connection.execute("set preserve_insertion_order = true; set memory_limit = '2GB'")
        for day in range(days):
            readings = ", ".join(
                f"{{metric: '{METRICS[metric]}', value: cast({READING[metric]} as double)}}"
                for metric in metrics
            )
            connection.execute(f"""
                copy (
                    with instants as (
                        select
                            tick, device, device // {PER_MACHINE} as machine,
                            (tick + machine * 37) // 720 as slot,
                            (tick + machine * 37) % 720 as slot_tick,
                            hash(tick, device) % 1000003 as noise
                        from range({day * TICKS}, {(day + 1) * TICKS}) as ticks (tick),
                            range({DEVICES}) as devices (device)
                        order by tick, device
                    ),
                    worked as (select *, {WORK} as work, {HELD} as is_held from instants),
                    read as (select *, unnest([{readings}]) as reading from worked)
                    select
                        timestamp '{MONTH}' + to_seconds(tick * {STEP}) as "timestamp",
                        reading.metric as metric, reading.value as value,
                        'GPU-' || md5(cast(device as varchar)) as "UUID",
                        cast(device % {PER_MACHINE} as varchar) as gpu,
                        'gpu-node-' || machine as "Hostname",
                        'NVIDIA H100 80GB HBM3' as "modelName",
                        case when is_held then 'ml' end as exported_namespace,
                        case when is_held then 'job-' || machine || case
                            when machine % 20 < 10 then '-' || slot else '' end
                        end as exported_pod
                    from read
                ) to '{folder}/day_{day:02}.parquet' (format parquet)""")


def raw(folder: Path, target: Path) -> None:
    """The yardstick: one aggregate of the delivered files."""
    connection = duckdb.connect(
        str(target), config={"storage_compatibility_version": "v1.2.0", "memory_limit": "3GB"}
    )
    connection.execute("set preserve_insertion_order = false")
    started, before = time.monotonic(), time.process_time()
    connection.execute(f"""
        create table hours as
        select
            "UUID" as device, metric, date_trunc('hour', "timestamp") as hour_start,
            count(*) as samples, sum(value) as total, min(value) as least, max(value) as largest,
            count(*) filter (value < 5) as low
        from read_parquet('{folder}/*.parquet') group by all""")
    connection.execute("checkpoint")
    cpu = time.process_time() - before
    rows = connection.execute("select count(*), sum(samples) from hours").fetchone()
    say(seconds=time.monotonic() - started, cpu=cpu, hours=rows[0], samples=int(rows[1]))


def states(home: Path) -> None:
    """Models from the landed samples to the state of every hour and to idle streaks."""
    home = prepare_environment(home)
    started, before = time.monotonic(), time.process_time()
    plan = pipeline.plan_build(home)
    report = pipeline.BuildReport(plan.queue)
    wanted = ["--select", "+accelerator_hours_observed", "+idle_streaks"]
    pipeline.run_dbt(
        [*plan.dbt_arguments, "--exclude-resource-type", "test", *wanted], home, report
    )
    if not report.ok:
        raise SystemExit("\n".join(failure.message for failure in report.failures))
    took = time.monotonic() - started
    timings = {Path(path).stem: seconds for path, seconds in report.timings.items()}
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as connection:
        found = connection.execute(
            "select count(*), sum(samples), sum(used_minutes + idle_held_minutes "
            "+ idle_free_minutes + unknown_minutes) / 60 from evidence.accelerator_hours_observed"
        ).fetchone()
        again = connection.execute("select count(*) from evidence.unsettled_samples").fetchone()[0]
    say(
        seconds=report.model_seconds,
        start_up=took - report.model_seconds,
        cpu=time.process_time() - before,
        hours=found[0],
        samples=int(found[1]),
        state_hours=found[2],
        again=again,
        dearest={name: round(s, 2) for name, s in sorted(timings.items(), key=lambda t: -t[1])[:9]},
    )


def measure(folder: Path, samples: int, metrics: list[str]) -> tuple[str, ...]:
    """One line of the table: raw aggregate, then landing and models."""
    days = max(1, min(30, round(samples / DEVICES / TICKS)))
    dump = folder / f"{'_'.join(metrics)}_{days}"
    if not dump.exists():
        print(f"generating {days} days of {', '.join(metrics)} ...", flush=True)
        generate(dump, days, metrics)
    home = folder / "home"
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    exports = folder / "bench.yml"
    # A source of bills there has to be; it has none.
    exports.write_text(
        f"exports:\n  - {{name: none, kind: aws_cur_2, location: '{folder}/none/'}}\n"
        f"telemetry:\n  - {{name: dcgm, kind: prometheus_samples, location: '{dump}/'}}\n"
    )
    (folder / "none").mkdir(exist_ok=True)
    yardstick = run("benchmarks.telemetry", "--step", "raw", str(dump), str(home / "raw.duckdb"))
    (home / "raw.duckdb").unlink()
    landed = run("benchmarks.refresh", "land", str(exports), str(home))
    modelled = run("benchmarks.telemetry", "--step", "states", str(home))
    print(yardstick.said, landed.said, modelled.said, sep="\n", flush=True)
    ours = landed.said["seconds"] + modelled.said["seconds"]
    rows = yardstick.said["samples"]
    return (
        f"{rows:,}",
        ", ".join(metrics),
        f"{yardstick.said['seconds']:.1f}",
        f"{landed.said['seconds']:.1f}",
        f"{modelled.said['seconds']:.1f}",
        f"{ours / yardstick.said['seconds']:.2f}",
        f"{rows / ours / 1e6:.2f}",
        f"{max(peak(landed), peak(modelled)):.1f}",
        f"{peak(yardstick):.1f}",
        f"{modelled.said['again'] / rows:.0%}",
        f"{modelled.said['start_up']:.1f}",
    )


def peak(step: Measured) -> float:
    """Peak memory of a step in GB."""
    return step.peak_bytes / 1e9


def main() -> None:
    """Measure each size and print one Markdown table."""
    if sys.argv[1:2] == ["--step"]:
        {"raw": raw, "states": states}[sys.argv[2]](*map(Path, sys.argv[3:]))
        return
    parser = argparse.ArgumentParser(prog="python -m benchmarks.telemetry", description=__doc__)
    parser.add_argument("--samples", default="86400000", help="samples of work, with commas")
    parser.add_argument("--metrics", default="utilisation", help=", ".join(METRICS))
    parser.add_argument("--folder", type=Path, help="where dumps are kept between runs")
    options = parser.parse_args()
    folder = options.folder or Path(tempfile.mkdtemp(prefix="ai_finops_bench_"))
    lines = [COLUMNS, ("---",) * len(COLUMNS)]
    for samples in map(int, options.samples.split(",")):
        lines.append(measure(folder, samples, options.metrics.split(",")))
        print("\n".join(f"| {' | '.join(line)} |" for line in lines), flush=True)
    if options.folder is None:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
