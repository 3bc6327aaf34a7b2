"""What a run prints: landing, build, and the headline figures of the published file.

Figures are read from the published tables with SQL, so that anyone can ask for them again; nothing
is computed here. Amounts are rounded to cents on the way to the screen only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from orchestration.exports.landing import LandingReport
from orchestration.pipeline import BuildReport
from orchestration.project import published_file
from orchestration.report_ai import print_ai
from orchestration.report_ownership import print_ownership
from orchestration.report_workloads import print_workloads
from orchestration.tables import exact_gap, money, new_table, plain

# In the reporting currency; what has no exchange rate is in no row here, and named below the table.
COST_BY_CATEGORY = """
select
    x_billing_month as month,
    x_reporting_currency as currency,
    service_category,
    sum(x_reporting_billed_cost) as billed,
    sum(x_reporting_effective_cost) as effective
from focus.cost_and_usage_reporting
where x_reporting_effective_cost is not null
group by all
order by month, currency, effective desc, service_category
"""

COST_BY_PROVIDER = """
select
    x_billing_month as month,
    x_reporting_currency as currency,
    service_provider_name as provider,
    sum(x_reporting_billed_cost) as billed,
    sum(x_reporting_effective_cost) as effective
from focus.cost_and_usage_reporting
where x_reporting_effective_cost is not null
group by all
order by month, currency, effective desc, provider
"""

CONVERTED = """
select
    billing_currency,
    sum(effective_cost) as effective,
    sum(unconverted_effective_cost) as unconverted,
    max(reporting_currency) as reporting_currency
from quality.currency_coverage
where status <> 'same_currency'
group by billing_currency
order by billing_currency
"""

RECONCILIATION = """
select
    source_name,
    case
        when min(billing_period) = max(billing_period) then min(billing_period)
        when left(min(billing_period), 4) = left(max(billing_period), 4)
            then min(billing_period) || ' to ' || right(max(billing_period), 2)
        else min(billing_period) || ' to ' || max(billing_period)
    end as months,
    billing_currency as currency,
    sum(file_rows) as file_rows,
    sum(file_cost) as file_cost,
    sum(quarantined_rows) as quarantined_rows,
    sum(quarantined_cost) as quarantined,
    sum(focus_billed_cost) as focus_billed,
    sum(abs(reconciliation.gap)) as gap,
    any_value(effective.gap) as effective_gap
from quality.reconciliation
left join (
    select source_name, billing_currency, sum(abs(gap)) as gap
    from quality.effective_reconciliation
    group by all
) as effective using (source_name, billing_currency)
group by source_name, billing_currency
order by source_name, currency
"""

SCHEMAS = "select distinct table_schema from information_schema.tables order by all"

PERIOD_STATUS = """
select source_name, billing_period, status, days_expected, last_complete_day
from quality.period_status
order by all
"""

CONFORMANCE = """
select provider, dataset, requirement_level, rules, rules_passed, score
from quality.conformance_score
order by dataset <> 'Cost and Usage', dataset, provider, requirement_level
"""

# Of charges only: records that no provider delivers are derived, and lack what bills do not tell.
BROKEN_RULES = """
select
    requirement_level,
    rule_id,
    any_value(description) as description,
    sum(rows_failing) as rows_failing,
    sum(rows_checked) as rows_checked,
    string_agg(source_name, ', ' order by source_name) as sources
from quality.conformance
where rows_failing > 0 and dataset = 'Cost and Usage'
group by all
order by requirement_level, rows_failing desc, rule_id
"""

# More than these do not fit a terminal of 120 columns; totals are over all months.
MONTHS_SHOWN = 6
RULES_SHOWN = 5


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
        console.print(escape(line), highlight=False, soft_wrap=True)
    for refusal in landing.refusals:
        text = escape(str(refusal))
        console.print(f"[bold red]Refused[/] {text}", highlight=False, soft_wrap=True)


def print_refused(console: Console, landing: LandingReport) -> None:
    """The last line of a run that refused something, since its tables hide the first lines."""
    if landing.refusals:
        console.print(
            f"[bold red]Refused: {len(landing.refusals)}[/] (first lines above; what each means: "
            "docs/landing.md). What was landed of them before still counts. Exit status 1.",
            highlight=False,
            soft_wrap=True,
        )


def print_build(console: Console, build: BuildReport) -> None:
    """What was rebuilt, and for each failed check what it says and the rows it found."""
    if build.skipped:
        console.print("Nothing changed since the last good build: nothing to rebuild.")
        return
    scope = (
        "all months of all exports" if build.full else f"{len(build.rebuilt)} month(s) of exports"
    )
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
        console.print(
            f"Nothing is published yet at {escape(str(path))}; `make demo` or `make run` does.",
            highlight=False,
            soft_wrap=True,
        )
        return
    with duckdb.connect(str(path), read_only=True) as connection:
        schemas = ", ".join(name for (name,) in connection.execute(SCHEMAS).fetchall())
        if not connection.execute("select count(*) from focus.cost_and_usage").fetchone()[0]:
            console.print("No bill has landed yet: there are no figures.", highlight=False)
            return
        for subject, query in (
            ("provider", COST_BY_PROVIDER),
            ("service category", COST_BY_CATEGORY),
        ):
            _print_cost(console, subject, connection.execute(query).fetchall())
        _print_converted(console, connection.execute(CONVERTED).fetchall())
        print_ownership(console, connection)
        print_workloads(console, connection)
        print_ai(console, connection)
        _print_reconciliation(console, connection.execute(RECONCILIATION).fetchall())
        _print_periods(console, connection.execute(PERIOD_STATUS).fetchall())
        _print_conformance(console, connection.execute(CONFORMANCE).fetchall())
        _print_broken_rules(console, connection.execute(BROKEN_RULES).fetchall())
    console.print(
        f"Open {escape(str(path))} read-only with DuckDB 1.2 or newer (schemas: {schemas}).\n"
        "Start `make ui` for the asset graph; see README.md for questions and their SQL.",
        highlight=False,
        soft_wrap=True,
    )


def _print_cost(console: Console, subject: str, rows: list[tuple]) -> None:
    for currency in sorted({row[1] for row in rows}):
        mine = [row for row in rows if row[1] == currency]
        months = sorted({row[0] for row in mine})
        shown = months[-MONTHS_SHOWN:]
        left_out = f", latest {len(shown)} of {len(months)} months" if months != shown else ""
        table = new_table(
            f"Effective cost by {subject} and billing month, {currency}{left_out}",
            subject,
            *(f"{month:%Y-%m}" for month in shown),
            "all months",
            "billed, all",
        )
        effective: dict[str, dict[Any, Decimal]] = {}
        billed: dict[str, Decimal] = {}
        for month, _, category, billed_cost, effective_cost in mine:
            effective.setdefault(category, {})[month] = effective_cost
            billed[category] = billed.get(category, Decimal(0)) + billed_cost
        total = {
            month: sum((costs.get(month, Decimal(0)) for costs in effective.values()), Decimal(0))
            for month in months
        }
        ordered = sorted(effective.items(), key=lambda item: -sum(item[1].values()))
        for category, costs in ordered:
            _add_costs(table, category or f"(no {subject})", costs, shown, billed[category])
        table.add_section()
        _add_costs(table, "total", total, shown, sum(billed.values(), Decimal(0)))
        console.print(table)


def _add_costs(
    table: Table, label: str, costs: dict[Any, Decimal], months: list[Any], billed: Decimal
) -> None:
    by_month = (money(costs.get(month, Decimal(0))) for month in months)
    table.add_row(label, *by_month, money(sum(costs.values(), Decimal(0))), money(billed))


def _print_converted(console: Console, rows: list[tuple]) -> None:
    """Which currencies are in the tables above at an exchange rate, and what has none."""
    for currency, effective, unconverted, reporting in rows:
        said = []
        if effective != unconverted:
            converted = money(effective - unconverted)
            said.append(f"{converted} {currency} are in it, converted to {reporting}")
        if unconverted:
            said.append(f"{money(unconverted)} {currency} are not in it, without an exchange rate")
        if said:
            line = f"{'; '.join(said)} (rates: in exports.yml, seeds/policy/exchange_rates.csv)."
            console.print(line, highlight=False, soft_wrap=True)


def _print_reconciliation(console: Console, rows: list[tuple]) -> None:
    table = new_table(
        "Does it add up to the bill? (billed cost; effective cost where the provider states it)",
        *("source", "months", "currency", "rows", "files", "quarantined", "FOCUS", "gap"),
        "eff. gap",
    )
    for source, months, currency, count, cost, _, quarantined, billed, *gaps in rows:
        table.add_row(
            source,
            months,
            currency,
            f"{count:,}",
            money(cost),
            money(quarantined),
            money(billed),
            *("-" if gap is None else exact_gap(gap) for gap in gaps),
        )
    console.print(table)
    for source, months, _, _, _, held_back, *_ in rows:
        if held_back:
            console.print(
                f"Quarantined: {held_back:,} rows of {source}, {months}; which rows and why: "
                "quality.quarantine.",
                highlight=False,
                soft_wrap=True,
            )


def _print_periods(console: Console, rows: list[tuple]) -> None:
    """One line per source: how settled each month is, and how far an open one has come."""
    months = sorted({row[1] for row in rows})[-MONTHS_SHOWN:]
    table = new_table("Billing periods: final once invoiced, else complete to", "source", *months)
    for source in sorted({row[0] for row in rows}):
        cells = {
            period: state if state in ("final", "locked") else f"{state}, {last or 'no full day'}"
            for name, period, state, _, last in rows
            if name == source
        }
        table.add_row(source, *(cells.get(month, "-") for month in months))
    console.print(table)


def _print_conformance(console: Console, rows: list[tuple]) -> None:
    """A line per provider: charges by level, then the MUST rules of the data sets beside them."""
    charges, beside = "Cost and Usage", sorted({row[1] for row in rows} - {"Cost and Usage"})
    levels = sorted({level for _, dataset, level, *_ in rows if dataset == charges})
    kept = {
        (provider, dataset, level): f"{passed} of {rules}" + f", {share:.2%}" * (dataset == charges)
        for provider, dataset, level, rules, passed, share in rows
    }
    table = new_table(
        "FOCUS 1.4 conformance: rules kept by every charge; MUST rules of the records beside them",
        "provider",
        *levels,
        *beside,
    )
    for provider in sorted({row[0] for row in rows}, key=str.lower):
        cells = [kept.get((provider, charges, level), "-") for level in levels]
        cells += [kept.get((provider, dataset, "MUST"), "-") for dataset in beside]
        table.add_row(provider, *cells)
    console.print(table)


def _print_broken_rules(console: Console, rows: list[tuple]) -> None:
    for level, rule, description, failing, checked, sources in rows[:RULES_SHOWN]:
        console.print(
            f"{level} {rule}: broken by {failing:,} of {checked:,} rows of {sources}. "
            f"{escape(description)}",
            highlight=False,
            soft_wrap=True,
        )
    more = f"{len(rows) - RULES_SHOWN} more rules. " if len(rows) > RULES_SHOWN else ""
    console.print(
        f"{more}A row that breaks each: quality.conformance. Commitments, invoices and periods "
        "that no provider delivers are derived from the charges and lack what bills do not tell: "
        "docs/conformance.md.",
        highlight=False,
        soft_wrap=True,
    )


def _print_failure(console: Console, label: str, entry: Any) -> None:
    # dbt's own wording says how the check is configured; what it found is what matters here.
    message = re.sub(r"Got (\d+) results?, configured to .*", r"\1 row(s)", entry.message)
    if entry.rows:
        message += f", {len(entry.rows)} shown"
    meaning = f". {' '.join(entry.description.split())}" if entry.description else ""
    console.print(
        f"{label} {entry.name}: {escape(message + meaning)}", highlight=False, soft_wrap=True
    )
    for row in entry.rows:
        shown = ", ".join(f"{name}={plain(value)}" for name, value in row.items())
        console.print(f"    {escape(shown)}", highlight=False, soft_wrap=True)
