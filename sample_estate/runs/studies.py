"""Studies of the research teams: runs that were planned to show what training costs and wastes.

They are told as a plain list of runs with its history of metrics. A study takes place on machines
that the bill has; where it has none that last long enough, the study is left out.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from sample_estate.runs.machines import Window

SOURCE = "lab_runs"
#: Machines whose runs are charged by the accelerators that they state, as run_share_policy says.
COUNTED = "p5en.48xlarge"


@dataclass
class Run:
    """A run as it is told, and what is planted about it."""

    run_id: str
    experiment: str
    team: str
    machines: list[str]
    start: datetime
    end: datetime
    metric: str = "val_loss"
    #: (minutes after the start, step, value)
    history: list[tuple[int, int, float]] = field(default_factory=list)
    state: str = "succeeded"
    parent: str | None = None
    parameters: dict[str, object] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    waste_class: str | None = None
    useless_from: datetime | None = None

    @property
    def accelerators(self) -> float | None:
        """Accelerators that the run states."""
        stated = self.tags.get("accelerator_count")
        return float(stated) if stated else None


class Pool:
    """Lives of machines, given out from their start on."""

    def __init__(self, windows: list[Window]):
        self.windows = windows

    def take(
        self, instance_type: str, minutes: int, *, after: datetime | None = None
    ) -> tuple[str, datetime] | None:
        """A machine and from when it is free for so long. None where the bill has none."""
        for window in self.windows:
            start = max(window.free_from, after) if after else window.free_from
            lasts = (window.end - start) / timedelta(minutes=1) >= minutes
            if window.instance_type == instance_type and lasts:
                window.free_from = start + timedelta(minutes=minutes)
                return window.instance_id, start
        return None

    def ending(self, instance_type: str, minutes: int) -> tuple[str, datetime] | None:
        """A machine that was taken away for good, and so many minutes before that."""
        for window in self.windows:
            if window.instance_type == instance_type and window.is_taken:
                start = window.end - timedelta(minutes=minutes)
                if start >= window.free_from:
                    window.free_from = window.end
                    return window.instance_id, start
        return None

    def pair(self, instance_type: str, minutes: int) -> tuple[list[str], datetime] | None:
        """Two machines and a time at which both are free for so long."""
        same = [w for w in self.windows if w.instance_type == instance_type]
        for place, one in enumerate(same):
            for other in same[place + 1 :]:
                start = max(one.free_from, other.free_from)
                end = start + timedelta(minutes=minutes)
                if other.instance_id != one.instance_id and end <= min(one.end, other.end):
                    one.free_from = other.free_from = end
                    return [one.instance_id, other.instance_id], start
        return None


def plan(windows: list[Window]) -> list[Run]:
    """Every study that the machines have room for."""
    pool = Pool(windows)
    studies = (_scaling, _sweep, _runaway, _techniques, _interrupted, _two_nodes, _unbilled)
    runs = [run for study in studies for run in study(pool)]
    return [*runs, *_running(pool, max(run.end for run in runs))]


def _minutes(start: datetime, minutes: float) -> datetime:
    return start + timedelta(minutes=minutes)


def _scaling(pool: Pool) -> Iterator[Run]:
    """The same training on 1, 2, 4 and 8 accelerators of one machine; three run at once."""
    taken = pool.take(COUNTED, 180)
    if taken is None:
        return
    machine, start = taken
    for count, minutes, offset in ((1, 24, 10), (2, 13, 10), (4, 8, 10), (8, 6, 140)):
        begun = _minutes(start, offset)
        yield Run(
            f"scale-{count}", "atlas-parallel", "foundation", [machine], begun,
            _minutes(begun, 5 * minutes),
            history=[(n * minutes, 10 * n, round(2 - n / 10, 3)) for n in range(1, 6)],
            parameters={"precision": "bf16", "world_size": count},
            tags={"accelerator_count": str(count), "technique": "pretraining"},
        )  # fmt: skip


def _sweep(pool: Pool) -> Iterator[Run]:
    """Five trials below one run; two share the machine, one fails. It was told of an hour early."""
    taken = pool.take("trn1.32xlarge", 310)
    if taken is None:
        return
    machine, start = taken
    yield Run(
        "sweep-1", "rank-sweep", "search", [machine], _minutes(start, -60), _minutes(start, 310)
    )
    trials = (
        (1, 0, 60, 0.5), (2, 60, 120, 0.4), (3, 125, 185, 0.45), (4, 125, 205, 0.3),
        (5, 210, 285, 0.6),
    )  # fmt: skip
    for number, begins, ends, value in trials:
        begun, failed = _minutes(start, begins), number == 5
        yield Run(
            f"trial-{number}", "rank-sweep", "search", [machine], begun, _minutes(start, ends),
            history=[(20, 1, value + 0.2), (40, 2, value + 0.1), (ends - begins, 3, value)],
            state="failed" if failed else "succeeded", parent="sweep-1",
            parameters={"learning_rate": number / 1000},
            waste_class="failed" if failed else None, useless_from=begun if failed else None,
        )  # fmt: skip


def _runaway(pool: Pool) -> Iterator[Run]:
    """Four evaluations of half an hour, and one that went on for two and a half."""
    taken = pool.take("trn1.32xlarge", 270)
    if taken is None:
        return
    machine, start = taken
    for number in range(5):
        begun, minutes = _minutes(start, 30 * number), 150 if number == 4 else 30
        forgotten = number == 4
        yield Run(
            f"distill-{number}", "rank-distill-eval", "search", [machine], begun,
            _minutes(begun, minutes),
            history=[(15, 1, 0.5), (minutes, 2, 0.4)],
            state="cancelled" if forgotten else "succeeded",
            parameters={"seed": number}, tags={"technique": "distillation"},
            waste_class="cancelled" if forgotten else None,
            useless_from=begun if forgotten else None,
        )  # fmt: skip


def _running(pool: Pool, after: datetime) -> Iterator[Run]:
    """An evaluation that still goes on, six times as long as others; its store tells no more."""
    kinds = ("trn1.32xlarge", "g6e.12xlarge", "g5.2xlarge")
    found = (pool.take(kind, 180, after=after) for kind in kinds)
    taken = next((place for place in found if place is not None), None)
    if taken is not None:
        machine, start = taken
        yield Run(
            "distill-live", "rank-distill-eval", "search", [machine], start, _minutes(start, 180),
            history=[(60, 1, 0.5), (180, 2, 0.4)], state="running",
            parameters={"seed": 9}, tags={"technique": "distillation"},
        )  # fmt: skip


def _techniques(pool: Pool) -> Iterator[Run]:
    """One model tuned in four ways: three reach an accuracy of 0.8, at very different cost."""
    ways = (
        ("full", "g6e.12xlarge", (60, 120, 150, 180), (0.6, 0.75, 0.81, 0.84), {"fp16": True}),
        ("lora", "g6e.12xlarge", (20, 40, 60), (0.7, 0.8, 0.82), {"lora_r": 16, "bf16": True}),
        ("qlora", "g6e.12xlarge", (20, 45), (0.7, 0.76), {"load_in_4bit": True}),
        ("distillation", "g6e.4xlarge", (40, 80, 90), (0.7, 0.8, 0.83), {"teacher": "atlas-70b"}),
    )
    for technique, instance_type, moments, values, parameters in ways:
        taken = pool.take(instance_type, moments[-1])
        if taken is None:
            continue
        machine, start = taken
        yield Run(
            f"tune-{technique}", "atlas-techniques", "foundation", [machine], start,
            _minutes(start, moments[-1]), metric="eval_accuracy",
            history=[
                (at, step, value)
                for step, (at, value) in enumerate(zip(moments, values, strict=True), start=1)
            ],
            parameters=parameters, tags={"technique": technique, "model": "atlas-7b"},
        )  # fmt: skip


def _interrupted(pool: Pool) -> Iterator[Run]:
    """Spot machines that were taken away: work was done again from the last checkpoint, or from the
    start. The tracker knows the first as failed."""
    for name, state, goes_on_from in (("ckpt", "failed", 4), ("scratch", "preempted", 1)):
        lost = pool.ending("g6e.4xlarge", 150)
        if lost is None:
            return
        machine, start = lost
        end = _minutes(start, 150)
        again = pool.take("g6e.4xlarge", 90, after=end) or pool.take("g5.2xlarge", 90, after=end)
        if again is None:
            return
        recipe: dict[str, object] = {"study": name}
        yield Run(
            f"spot-{name}-1", "rank-spot", "search", [machine], start, end, state=state,
            history=[(30 * n, n, round(1 / n, 6)) for n in range(1, 6)], parameters=recipe,
            waste_class="interrupted",
            useless_from=_minutes(start, 30 * (goes_on_from - 1)),
        )  # fmt: skip
        machine, start = again
        yield Run(
            f"spot-{name}-2", "rank-spot", "search", [machine], start, _minutes(start, 90),
            history=[(30 * n, goes_on_from + n - 1, round(1 / (goes_on_from + n), 6))
                     for n in range(1, 4)],
            parameters=recipe,
        )  # fmt: skip


def _two_nodes(pool: Pool) -> Iterator[Run]:
    """A run on two machines at once, from the middle of an hour on."""
    taken = pool.pair("g5.2xlarge", 110)
    if taken is None:
        return
    machines, start = taken
    begun = _minutes(start, 20)
    yield Run(
        "pair-1", "assistant-evals", "assistant", machines, begun, _minutes(begun, 90),
        history=[(45, 1, 0.9), (90, 2, 0.7)], parameters={"nodes": 2},
    )  # fmt: skip


def on_another_cloud(first_day: datetime) -> Run:
    """Half a day of a machine that Google Cloud bills by its parts, with a disk and transfer."""
    begun = _minutes(first_day, 7 * 60)
    return Run(
        "elsewhere-2", "atlas-cloud-trial", "foundation",
        ["//compute.googleapis.com/projects/halden-train-7f21/zones/us-central1-a/instances/"
         "atlas-a3-0"],
        begun, _minutes(begun, 12 * 60), history=[(360, 1, 1.0), (720, 2, 0.9)],
        parameters={"place": "us-central1"},
    )  # fmt: skip


def _unbilled(pool: Pool) -> Iterator[Run]:
    """A run on a machine that no bill knows: its cost is not known."""
    start = min(window.start for window in pool.windows)
    yield Run(
        "elsewhere-1", "atlas-parallel", "foundation", ["i-0ffffffffffffffff"], start,
        _minutes(start, 60), history=[(60, 1, 1.0)], parameters={"place": "elsewhere"},
    )  # fmt: skip


def write(folder: Path, runs: list[Run]) -> None:
    """Write the list of runs and their history into ``folder``."""
    folder.mkdir(parents=True)
    with (folder / "runs.csv").open("w", encoding="utf-8", newline="") as handle:
        listed = csv.writer(handle, lineterminator="\n")
        listed.writerow((
            "run_id", "state", "experiment", "run_name", "user", "started_at", "ended_at",
            "git_sha", "dataset", "executors", "parent_run_id", "parameters", "tags",
        ))  # fmt: skip
        for run in runs:
            listed.writerow((
                run.run_id, run.state, run.experiment, run.run_id, "ben", f"{run.start:%FT%TZ}",
                "" if run.state == "running" else f"{run.end:%FT%TZ}",
                f"5{abs(hash_text(run.experiment)):07x}",
                f"{run.experiment}@1", ";".join(run.machines), run.parent,
                json.dumps(run.parameters), json.dumps({"team": run.team} | run.tags),
            ))  # fmt: skip
    with (folder / "metrics.csv").open("w", encoding="utf-8", newline="") as handle:
        told = csv.writer(handle, lineterminator="\n")
        told.writerow(("run_id", "metric", "step", "value", "timestamp"))
        for run in runs:
            for minutes, step, value in run.history:
                at = int((_minutes(run.start, minutes) - datetime(1970, 1, 1)).total_seconds())
                told.writerow((run.run_id, run.metric, step, value, 1000 * at))


def hash_text(text: str) -> int:
    """A number of the text that is the same in every process."""
    return sum(place * ord(letter) for place, letter in enumerate(text, start=1))
