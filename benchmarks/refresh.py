"""The product's own steps, each in a process of its own: land, then convert to FOCUS."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from benchmarks.measure import say
from orchestration import pipeline
from orchestration.exports.config import load_exports
from orchestration.exports.landing import land
from orchestration.project import prepare_environment

ATTRIBUTION = ("models/allocation", "models/marts/ownership")


def landing(exports: Path, data: Path) -> None:
    """Land what is new and say how long it took, in seconds and rows."""
    started = time.monotonic()
    report = land(load_exports(exports), prepare_environment(data))
    say(seconds=time.monotonic() - started, rows=sum(version.rows for version in report.landed))


def conversion(data: Path) -> None:
    """Convert the queued periods (staging and FOCUS), telling the models from start-up."""
    data = prepare_environment(data)
    started = time.monotonic()
    plan = pipeline.plan_build(data)
    report = pipeline.BuildReport(plan.queue)
    wanted = ["--exclude-resource-type", "test", "--select", "+cost_and_usage"]
    pipeline.run_dbt([*plan.dbt_arguments, *wanted], data, report)
    if not report.ok:
        raise SystemExit("\n".join(failure.message for failure in report.failures))
    pipeline.finish_build(data, plan)
    total = time.monotonic() - started
    # Seeds, parsing and dbt's own start cost the same for any number of rows; models do not.
    say(seconds=report.model_seconds, start_up=total - report.model_seconds)


def attribution(data: Path) -> None:
    """Say whose each charge is: what is read per key, decided, and shown by the ownership marts.

    The bill is converted already; of what the marts read beside it (quality, evidence of
    inventories) only what attribution itself is made of counts.
    """
    data = prepare_environment(data)
    plan = pipeline.plan_build(data, force=True)
    report = pipeline.BuildReport(plan.queue)
    wanted = ["--exclude-resource-type", "test", "--select", *(f"+path:{p}" for p in ATTRIBUTION)]
    before = time.process_time()
    pipeline.run_dbt([*plan.dbt_arguments, *wanted, "--exclude", "+cost_and_usage"], data, report)
    if not report.ok:
        raise SystemExit("\n".join(failure.message for failure in report.failures))
    mine = {
        path: seconds
        for path, seconds in report.timings.items()
        if path.startswith((*ATTRIBUTION, "models/evidence"))
    }
    dearest = sorted(mine.items(), key=lambda item: -item[1])[:8]
    say(
        seconds=sum(mine.values()),
        cpu=time.process_time() - before,
        models=len(mine),
        dearest={Path(path).stem: round(seconds, 2) for path, seconds in dearest},
    )


def whole_build(data: Path) -> None:
    """Everything a refresh does after landing: all models, all checks."""
    report = pipeline.build_step(prepare_environment(data), force=True)
    if not report.ok:
        raise SystemExit("\n".join(failure.message for failure in report.failures))
    say(seconds=report.seconds, nodes=report.nodes)


if __name__ == "__main__":
    step, *paths = sys.argv[1:]
    steps = {
        "land": landing,
        "convert": conversion,
        "attribute": attribution,
        "build": whole_build,
    }
    steps[step](*map(Path, paths))
