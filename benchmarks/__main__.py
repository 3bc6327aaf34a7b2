"""``python -m benchmarks``: conversion of generated bills against a raw statement for each format.

Each figure comes from a process of its own (time inside the step, peak memory from the kernel).
Both sides read the same files in the same run; ratios count, seconds depend on the machine.
``AI_FINOPS_BENCH_ROWS`` (or ``--rows``) names the sizes, by default 1M and 10M rows.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import tempfile
from pathlib import Path

import duckdb

from benchmarks.measure import Measured, run
from benchmarks.subjects import SUBJECTS, Subject

DEFAULT_ROWS = "1000000,10000000"
COLUMNS = (
    "rows", "format", "raw s", "land s", "convert s", "ratio", "Mrows/s", "peak GB", "raw GB",
    "start-up s", "attribute s", "of raw", "checks s", "re-land s",
)  # fmt: skip


def main() -> None:
    """Measure every size and format and print one Markdown table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    rows = os.environ.get("AI_FINOPS_BENCH_ROWS", DEFAULT_ROWS)
    parser.add_argument("--rows", default=rows, help="row targets, with commas")
    parser.add_argument("--formats", default="parquet,csv", help=", ".join(SUBJECTS))
    parser.add_argument("--folder", type=Path, help="where bills are kept between runs")
    options = parser.parse_args()
    folder = options.folder or Path(tempfile.mkdtemp(prefix="ai_finops_bench_"))
    lines = []
    for target in map(int, options.rows.split(",")):
        for form in options.formats.split(","):
            lines.append(measure(folder, target, SUBJECTS[form]))
            print(table(lines), flush=True)
    print(machine())
    if options.folder is None:
        shutil.rmtree(folder)


def measure(folder: Path, target: int, subject: Subject) -> tuple[str, ...]:
    """One line of the table: raw statement, then landing, conversion, checks, a re-landed month."""
    estate = folder / f"{subject.name}_{target}"
    if not (estate / "bench.yml").exists():
        print(f"generating {target:,} rows as {subject.name} ...", flush=True)
        shutil.rmtree(estate, ignore_errors=True)
        subject.make(estate, target)
        # This export alone: what the provider's estate has beside it is another format.
        (estate / "bench.yml").write_text(subject.entry)
    exports, bills = str(estate / "bench.yml"), estate / "exports" / subject.export
    if subject.forget:
        subject.forget(bills)
    data = folder / "home"
    shutil.rmtree(data, ignore_errors=True)
    data.mkdir(parents=True)
    files = subject.files(bills)

    raw_file = data / "raw.duckdb"
    raw = run("benchmarks.raw", subject.yardstick, str(raw_file), *map(str, files))
    for leftover in data.glob("raw.*"):
        leftover.unlink()

    landed = run("benchmarks.refresh", "land", exports, str(data))
    converted = run("benchmarks.refresh", "convert", str(data))
    attributed = run("benchmarks.refresh", "attribute", str(data))
    checks = run("benchmarks.refresh", "build", str(data))
    again = "-"
    if subject.redeliver:
        subject.redeliver(files)
        relanded = run("benchmarks.refresh", "land", exports, str(data))
        reconverted = run("benchmarks.refresh", "convert", str(data))
        again = f"{relanded.said['seconds'] + reconverted.said['seconds']:.1f}"

    ours = landed.said["seconds"] + converted.said["seconds"]
    rows = landed.said["rows"]
    return (
        f"{rows:,}",
        f"{subject.provider} {subject.name.removeprefix(subject.provider.lower() + '_')}",
        f"{raw.said['seconds']:.1f}",
        f"{landed.said['seconds']:.1f}",
        f"{converted.said['seconds']:.1f}",
        f"{ours / raw.said['seconds']:.2f}",
        f"{rows / ours / 1e6:.2f}",
        f"{max(peak(landed), peak(converted)):.1f}",
        f"{peak(raw):.1f}",
        f"{converted.said['start_up']:.1f}",
        f"{attributed.said['seconds']:.1f}",
        f"{attributed.said['seconds'] / raw.said['seconds']:.2f}",
        f"{checks.said['seconds']:.1f}",
        again,
    )


def peak(step: Measured) -> float:
    """Peak memory of a step in GB."""
    return step.peak_bytes / 1e9


def table(lines: list[tuple[str, ...]]) -> str:
    """A Markdown table of the lines measured so far."""
    head = [COLUMNS, ["---"] * len(COLUMNS)]
    return "\n".join(f"| {' | '.join(line)} |" for line in [*head, *lines]) + "\n"


def machine() -> str:
    """One line about the machine, for the page that keeps the results."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{os.cpu_count()} cores, {memory:.0f} GiB, {platform.machine()}, "
        f"Python {platform.python_version()}, DuckDB {duckdb.__version__}"
    )


if __name__ == "__main__":
    main()
