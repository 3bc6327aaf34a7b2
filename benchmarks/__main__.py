"""``python -m benchmarks``: conversion of generated CUR 2.0 bills against the raw statement.

Each figure comes from a process of its own (time inside the step, peak memory from the kernel).
Both sides read the same files in the same run; ratios count, seconds depend on the machine.
``AI_FINOPS_BENCH_ROWS`` (or ``--rows``) names the sizes, by default 1M and 10M rows.
"""

from __future__ import annotations

import argparse
import os
import platform
import re
import shutil
import tempfile
from pathlib import Path

import duckdb

from benchmarks.measure import Measured, run
from sample_estate import generate

DEFAULT_ROWS = "1000000,10000000"
COLUMNS = (
    "rows", "format", "raw s", "land s", "convert s", "ratio", "Mrows/s", "peak GB", "raw GB",
    "start-up s", "checks s", "re-land s",
)  # fmt: skip


def main() -> None:
    """Measure every size and format and print one Markdown table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    rows = os.environ.get("AI_FINOPS_BENCH_ROWS", DEFAULT_ROWS)
    parser.add_argument("--rows", default=rows, help="row targets, with commas")
    parser.add_argument("--formats", default="parquet,csv")
    parser.add_argument("--folder", type=Path, help="where bills are kept between runs")
    options = parser.parse_args()
    folder = options.folder or Path(tempfile.mkdtemp(prefix="ai_finops_bench_"))
    lines = []
    for target in map(int, options.rows.split(",")):
        for form in options.formats.split(","):
            lines.append(measure(folder, target, form))
            print(table(lines), flush=True)
    print(machine())
    if options.folder is None:
        shutil.rmtree(folder)


def measure(folder: Path, target: int, form: str) -> tuple[str, ...]:
    """One line of the table: raw statement, then landing, conversion, a re-landed month, checks."""
    estate = folder / f"{form}_{target}"
    if not (estate / "exports.yml").exists():
        print(f"generating {target:,} rows as {form} ...", flush=True)
        generate(estate, rows=target, providers=("aws",), file_format=form, superseded=False)
    # The CUR 2.0 export alone: the legacy report beside it is another format.
    named = estate / "bench.yml"
    named.write_text(
        "exports:\n  - {name: aws_main, kind: aws_cur_2, location: exports/aws_main/}\n"
    )
    exports, bills = str(named), estate / "exports" / "aws_main"
    forget_redelivery(bills)
    data = folder / "home"
    shutil.rmtree(data, ignore_errors=True)
    data.mkdir(parents=True)
    files = newest_files(bills)

    raw_file = data / "raw.duckdb"
    raw = run(
        "benchmarks.raw", str(raw_file), "text" if form == "csv" else "typed", *map(str, files)
    )
    for leftover in data.glob("raw.*"):
        leftover.unlink()

    landed = run("benchmarks.refresh", "land", exports, str(data))
    converted = run("benchmarks.refresh", "convert", str(data))
    checks = run("benchmarks.refresh", "build", str(data))
    redeliver_last_month(files)
    relanded = run("benchmarks.refresh", "land", exports, str(data))
    reconverted = run("benchmarks.refresh", "convert", str(data))

    ours = landed.said["seconds"] + converted.said["seconds"]
    rows = raw.said["rows"]
    return (
        f"{landed.said['rows']:,}",
        form,
        f"{raw.said['seconds']:.1f}",
        f"{landed.said['seconds']:.1f}",
        f"{converted.said['seconds']:.1f}",
        f"{ours / raw.said['seconds']:.2f}",
        f"{rows / ours / 1e6:.2f}",
        f"{max(peak(landed), peak(converted)):.1f}",
        f"{peak(raw):.1f}",
        f"{converted.said['start_up']:.1f}",
        f"{checks.said['seconds']:.1f}",
        f"{relanded.said['seconds'] + reconverted.said['seconds']:.1f}",
    )


def newest_files(export: Path) -> list[Path]:
    """The data files that count: of each billing period the newest run."""
    periods = sorted(export.glob("*/data/BILLING_PERIOD=*"))
    return [file for period in periods for file in sorted(max(period.iterdir()).iterdir())]


def redeliver_last_month(files: list[Path]) -> None:
    """Deliver the last month once more as a newer run, the first row of its first file gone."""
    run_folder = files[-1].parent
    newer = run_folder.with_name(re.sub(r"^\d{4}", "2030", run_folder.name))
    newer.mkdir()
    first, *others = sorted(run_folder.iterdir())
    for file in others:
        shutil.copyfile(file, newer / file.name)
    reader = f"read_parquet('{first}')"
    options = "format parquet, compression snappy"
    if first.suffix == ".gz":
        reader = f"read_csv('{first}', all_varchar = true, header = true)"
        options = "format csv, header, compression gzip"
    with duckdb.connect() as connection:
        connection.execute(
            f"copy (select * from {reader} offset 1) to '{newer / first.name}' ({options})"
        )
    data = run_folder.parent
    metadata = data.parent.parent / "metadata" / data.name
    (metadata / newer.name).mkdir()
    for manifest in metadata.glob("*-Manifest.json"):
        text = manifest.read_text().replace(run_folder.name, newer.name)
        manifest.write_text(text)
        (metadata / newer.name / manifest.name).write_text(text)


def forget_redelivery(export: Path) -> None:
    """Put the bills back as generated, for the next measurement over the same folder."""
    for run_folder in [*export.glob("*/data/*/2030*"), *export.glob("*/metadata/*/2030*")]:
        shutil.rmtree(run_folder)
    for period in export.glob("*/metadata/*"):
        newest = max(folder for folder in period.iterdir() if folder.is_dir())
        for manifest in newest.iterdir():
            shutil.copyfile(manifest, period / manifest.name)


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
