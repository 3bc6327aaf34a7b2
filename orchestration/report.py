"""What a run prints: landing, build, and the headline figures of the published file.

Figures are read from the published tables with SQL, so that anyone can ask for them again; nothing
is computed here. Amounts are rounded to cents on the way to the screen only.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from orchestration.exports.landing import LandingReport
from orchestration.pipeline import BuildReport
from orchestration.project import published_file

COST_BY_CATEGORY = """
select
    x_billing_month as month,
    billing_currency as currency,
    service_category,
    sum(billed_cost) as billed,
    sum(effective_cost) as effective
from focus.cost_and_usage
group by all
order by month, currency, effective desc, service_category
"""

RECONCILIATION = """
select
    source_name,
    billing_period,
    billing_currency as currency,
    sum(file_rows) as file_rows,
    sum(file_cost) as file_cost,
    sum(quarantined_cost) as quarantined,
    sum(focus_billed_cost) as focus_billed,
    sum(abs(gap)) as gap
from quality.reconciliation
group by all
order by all
"""

PERIOD_STATUS = """
select source_name, billing_period, status, days_present, days_expected, last_complete_day
from quality.period_status
order by all
"""

CONFORMANCE = """
select provider, requirement_level, rules, rules_passed, rows_checked, score
from quality.conformance_score
order by all
"""


@contextmanager
def build_progress(console: Console) -> Iterator[Any]:
    """A progress bar over dbt's nodes on a terminal; nothing where output goes to a file."""
    if not console.is_terminal:
        yield None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), console=console, transient=True) as progress:
        task = progress.add_task("Building", total=None, visible=False)

        def advance(done: int, total: int, name: str) -> None:
            progress.update(task, completed=done, total=total, description=name[:60], visible=True)

        yield advance


def print_landing(console: Console, landing: LandingReport) -> None:
    """One line per export, and every refusal with its remedy."""
    for line in landing.summary_lines():
        console.print(line, highlight=False, soft_wrap=True)
    for refusal in landing.refusals:
        console.print(f"[bold red]Refused[/] {refusal}", highlight=False, soft_wrap=True)


def print_build(console: Console, build: BuildReport) -> None:
    """What was rebuilt, and for each failed check what it says and the rows it found."""
    if build.skipped:
        console.print("Nothing changed since the last good build: nothing to rebuild.")
        return
    scope = "all billing periods" if build.full else f"{len(build.rebuilt)} billing period(s)"
    console.print(
        f"Built {scope}: {build.nodes} seeds, models and checks in {build.seconds:.1f} s, "
        f"{len(build.failures)} failed, {len(build.warnings)} warned.",
        highlight=False,
    )
    for entry in build.warnings:
        _print_failure(console, "[yellow]Warned[/]", entry)
    for entry in build.failures:
        _print_failure(console, "[bold red]Failed[/]", entry)
    if build.failures:
        console.print(
            "Nothing was published: readers keep the last good build. The periods above are "
            "taken up again by the next run."
        )


def print_figures(console: Console, data: Path) -> None:
    """Cost by month and category, reconciliation, period status, conformance, where to look."""
    path = published_file(data)
    if not path.exists():
        console.print(f"Nothing is published yet at {path}; `make demo` or `make run` does.")
        return
    with duckdb.connect(str(path), read_only=True) as connection:
        _print_cost(console, connection.execute(COST_BY_CATEGORY).fetchall())
        _print_reconciliation(console, connection.execute(RECONCILIATION).fetchall())
        status = _table("Billing periods", "source", "period", "status", "days", "complete to")
        for source, period, state, present, expected, last in connection.execute(
            PERIOD_STATUS
        ).fetchall():
            status.add_row(source, period, state, f"{present} of {expected}", str(last))
        console.print(status)
        score = _table("FOCUS 1.4 conformance", "provider", "level", "rules", "passed", "score")
        for provider, level, rules, passed, _, share in connection.execute(CONFORMANCE).fetchall():
            score.add_row(provider, level, str(rules), str(passed), f"{share:.2%}")
        console.print(score)
    console.print(
        f"Open {path} read-only with DuckDB 1.2 or newer (tables: focus, focus_export, quality).\n"
        "Start `make ui` for the asset graph; see README.md for questions and their SQL.",
        highlight=False,
        soft_wrap=True,
    )


def _print_cost(console: Console, rows: list[tuple]) -> None:
    months = sorted({row[0] for row in rows})
    for currency in sorted({row[1] for row in rows}):
        table = _table(
            f"Effective cost by service category and billing month, {currency}",
            "service category",
            *(f"{month:%Y-%m}" for month in months),
            "billed, all months",
        )
        mine = [row for row in rows if row[1] == currency]
        by_category = {
            category: [
                sum((row[4] for row in mine if row[0] == month and row[2] == category), Decimal(0))
                for month in months
            ]
            for category in dict.fromkeys(row[2] for row in mine)
        }
        for category, costs in sorted(by_category.items(), key=lambda item: -sum(item[1])):
            billed = sum(row[3] for row in mine if row[2] == category)
            table.add_row(category, *map(_money, costs), _money(billed))
        table.add_section()
        table.add_row(
            "total",
            *(_money(sum(costs)) for costs in zip(*by_category.values(), strict=True)),
            _money(sum(row[3] for row in mine)),
        )
        console.print(table)


def _print_reconciliation(console: Console, rows: list[tuple]) -> None:
    table = _table(
        "Does it add up to the bill? (billed cost)",
        *("source", "period", "", "rows", "files", "quarantined", "FOCUS", "gap"),
    )
    for source, period, currency, count, cost, quarantined, billed, gap in rows:
        table.add_row(
            source,
            period,
            currency,
            f"{count:,}",
            _money(cost),
            _money(quarantined),
            _money(billed),
            # A gap is never rounded away: below a cent it is shown in full.
            _money(gap) if gap == 0 or abs(gap) >= Decimal("0.01") else f"{gap.normalize():f}",
        )
    console.print(table)


def _print_failure(console: Console, label: str, entry: Any) -> None:
    console.print(f"{label} {entry.name}: {entry.message}", highlight=False, soft_wrap=True)
    for row in entry.rows:
        shown = ", ".join(f"{name}={value}" for name, value in row.items())
        console.print(f"    {shown}", highlight=False, soft_wrap=True)


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold")
    for position, column in enumerate(columns):
        table.add_column(column, justify="left" if position == 0 else "right")
    return table


def _money(amount: Decimal) -> str:
    return f"{amount:,.2f}"
