"""``python -m orchestration.validation``: the official FOCUS validator on what is published.

Its newest bundled rules are those of FOCUS 1.2, so it reads ``focus_export.cost_and_usage_1_2``.
Exit status: 0 nothing unexpected or skipped, 1 a rule failed that should not, 2 it could not run.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from orchestration.project import home, published_file
from orchestration.validation.environment import (
    CannotInstall,
    find_python,
    make_environment,
    site_packages,
)
from orchestration.validation.results import (
    UnreadableReport,
    Verdict,
    expected_failures,
    judge,
    read_report,
)

MOST_ROWS = 200_000
MINUTES = 15


def main(arguments: list[str] | None = None) -> int:
    """Run the validator and print its verdict; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m orchestration.validation", description=__doc__)
    parser.add_argument("--rows", type=int, default=MOST_ROWS, help="at most so many rows")
    options = parser.parse_args(arguments)
    console = Console() if sys.stdout.isatty() else Console(width=120)
    published = published_file(home())
    if not published.exists():
        _say(console, f"Nothing is published yet at {published}; `make demo` or `make run` does.")
        return 2
    python = find_python()
    if python is None:
        _say(
            console,
            "Skipped: the official FOCUS validator needs Python 3.12, and none was found on the "
            "path, with uv or pyenv, or in AI_FINOPS_PYTHON312. Our own rules are in "
            "quality.conformance.",
        )
        return 0
    try:
        interpreter = make_environment(python, home() / "validator")
        with tempfile.TemporaryDirectory() as folder:
            rows = export_rows(published, Path(folder) / "cost_and_usage.parquet", options.rows)
            began = time.perf_counter()
            report = run_validator(interpreter, Path(folder))
            verdict = judge(read_report(report), expected_failures())
            seconds = time.perf_counter() - began
    except CannotInstall as error:
        _say(console, f"The validator's environment could not be made with {python}: {error}")
        return 2
    except UnreadableReport as error:
        _say(console, f"The validator gave no result: {error}")
        return 2
    print_verdict(console, verdict, rows, seconds)
    return 0 if verdict.is_good else 1


def export_rows(published: Path, target: Path, most: int) -> int:
    """Write the 1.2 view as Parquet, typed: from CSV the validator takes ids for numbers."""
    with duckdb.connect() as connection:
        # Attached under its own name: views inside the file name their tables by it.
        connection.execute(f"attach '{published}' as ai_finops (read_only)")
        connection.execute("use ai_finops")
        columns = connection.execute(
            "select column_name, data_type from duckdb_columns() where schema_name = "
            "'focus_export' and table_name = 'cost_and_usage_1_2' order by column_index"
        ).fetchall()
        shown = ", ".join(
            f'cast("{name}" as varchar) as "{name}"' if kind == "JSON" else f'"{name}"'
            for name, kind in columns
        )
        connection.execute(
            f"copy (select {shown} from focus_export.cost_and_usage_1_2 "
            f"using sample reservoir({most} rows) repeatable (7)) to '{target}' (format parquet)"
        )
        ((rows,),) = connection.execute(f"select count(*) from '{target}'").fetchall()
    return rows


def run_validator(interpreter: Path, folder: Path) -> Path:
    """Run the validator on the exported rows; returns its JUnit report."""
    report = folder / "report.xml"
    command = [
        str(interpreter),
        "-m",
        "focus_validator.main",
        *("--data-file", str(folder / "cost_and_usage.parquet")),
        *("--validate-version", "1.2", "--block-download"),
        # Without it every conditional column is skipped: 441 of 578 rules.
        *("--applicability-criteria", "ALL"),
        *("--output-type", "unittest", "--output-destination", str(report)),
    ]
    try:
        done = subprocess.run(
            command,
            cwd=site_packages(interpreter),
            env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            text=True,
            check=False,
            timeout=60 * MINUTES,
        )
    except subprocess.TimeoutExpired as error:
        raise UnreadableReport(f"no end after {MINUTES} minutes; try --rows") from error
    if not report.exists():
        last = done.stderr.strip().splitlines()[-1:] or [f"exit status {done.returncode}"]
        raise UnreadableReport(last[0])
    return report


def print_verdict(console: Console, verdict: Verdict, rows: int, seconds: float) -> None:
    """Counts, what failed and was expected to, what failed and was not."""
    counts = ", ".join(
        f"{verdict.count(status)} {status}" for status in ("passed", "failed", "skipped", "errored")
    )
    _say(console, f"Official validator, FOCUS 1.2, {rows:,} rows, {seconds:.0f} s: {counts}.")
    table = Table(title="Rules that failed (their composites aside)", title_justify="left")
    table.add_column("rule", no_wrap=True)
    table.add_column("expected")
    for outcome in verdict.unexpected:
        table.add_row(outcome.rule_id, f"[bold red]no[/]: {escape(outcome.message)}")
    for outcome in verdict.known:
        table.add_row(outcome.rule_id, f"yes: {escape(verdict.expected[outcome.rule_id])}")
    console.print(table)
    if verdict.passed_after_all:
        listed = ", ".join(verdict.passed_after_all)
        _say(console, f"Expected to fail and passed on this data: {listed}.")
    if not verdict.is_good:
        _say(
            console,
            f"{len(verdict.unexpected)} unexpected. Where the validator is wrong, add the rule to "
            "orchestration/validation/expected_failures.csv with the reason.",
        )


def _say(console: Console, text: str) -> None:
    console.print(escape(text), highlight=False, soft_wrap=True)


if __name__ == "__main__":
    sys.exit(main())
