"""A warehouse grown delivery by delivery equals one built from scratch, row by row."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from orchestration.exports.config import load_exports
from orchestration.exports.landing import land
from orchestration.pipeline import BuildPlan, RunReport, build_step, run_pipeline
from orchestration.project import prepare_environment, public_build_file
from tests.warehouse.bills import Run, hand_over, redeliver, runs, withdraw
from tests.warehouse.warehouse import Warehouse

# When something was landed differs by nature; everything else has to be the same.
LANDING_TIMES = {"landed_at", "superseded_at", "refused_at"}
# What only a warehouse that was there at the time can know.
HISTORY = {"period_history", "restatements", "refusals", "expectation_results"}
ALL_MONTHS = ("2026-05", "2026-06", "2026-07")


@dataclass(frozen=True)
class Site:
    """A folder with exports.yml, its exports, and the data folder they are refreshed into."""

    folder: Path

    @property
    def main(self) -> Path:
        return self.folder / "exports" / "aws_main"

    @property
    def warehouse(self) -> Warehouse:
        return Warehouse(self.folder / "home")

    def refresh(self) -> RunReport:
        report = run_pipeline(load_exports(self.folder / "exports.yml"), self.warehouse.home)
        assert not report.landing.refusals, report.landing.refusals
        assert report.build.ok, report.build.failures
        return report

    def grow(self) -> RunReport:
        """A refresh that only the next one looks at: tables that it finds and changes, and what
        they are made of. The next one makes the others anew and checks them."""
        home = prepare_environment(self.warehouse.home)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(BuildPlan, "dbt_arguments", property(_what_grows))
            landing = land(load_exports(self.folder / "exports.yml"), home)
            report = RunReport([], landing, build_step(home), None, None)
        assert not report.landing.refusals, report.landing.refusals
        assert report.build.ok, report.build.failures
        return report


def _what_grows(plan: BuildPlan) -> list[str]:
    full = ["--full-refresh"] if plan.full else []
    incremental = ["--select", "+config.materialized:incremental"]
    return ["build", *incremental, "--exclude-resource-type", "test", "unit_test", *full]


def rebuilt(report: RunReport) -> set[tuple[str, str]]:
    return {(queued.source_name, queued.billing_period) for queued in report.build.rebuilt}


def new_site(folder: Path, estate: Path) -> Site:
    for export in ("aws_main", "aws_research"):
        (folder / "exports" / export).mkdir(parents=True)
    shutil.copyfile(estate / "exports.yml", folder / "exports.yml")
    return Site(folder)


def public_tables(file: Path) -> dict[str, list[str]]:
    """Columns to compare of every table in a public file, by qualified name."""
    with duckdb.connect(str(file), read_only=True) as connection:
        columns = connection.execute(
            """
            select columns.schema_name || '.' || columns.table_name, column_name, tables.table_name
            from duckdb_columns() as columns
            inner join duckdb_tables() as tables using (database_name, schema_name, table_name)
            order by columns.column_index
            """
        ).fetchall()
    compared: dict[str, list[str]] = {}
    for table, column, name in columns:
        if name not in HISTORY and column not in LANDING_TIMES:
            compared.setdefault(table, []).append(f'"{column}"')
    return compared


def differences(one: Site, other: Site) -> dict[str, tuple[int, int]]:
    """Per public table: rows that only one or only the other has. Equal tables are left out."""
    files = [public_build_file(site.warehouse.home) for site in (one, other)]
    tables = public_tables(files[0])
    assert tables == public_tables(files[1])
    found = {}
    with duckdb.connect() as connection:
        for name, file in zip(("a", "b"), files, strict=True):
            connection.execute(f"attach '{file}' as {name} (read_only)")
        for table, columns in tables.items():
            # Replaced versions are history too; what is current has to be the same.
            current = "where is_current" if '"is_current"' in columns else ""
            sides = [f"select {', '.join(columns)} from {db}.{table} {current}" for db in "ab"]
            counts = tuple(
                connection.execute(
                    f"select count(*) from ({first} except all {second})"
                ).fetchone()[0]
                for first, second in (sides, sides[::-1])
            )
            if any(counts):
                found[table] = counts
    return found


@dataclass(frozen=True)
class Grown:
    """A warehouse that saw every delivery as it came, and what each refresh rebuilt."""

    site: Site
    steps: dict[str, set[tuple[str, str]]]
    restated: Run


@pytest.fixture(scope="module")
def grown(estate, dbt_paths, tmp_path_factory) -> Grown:
    site = new_site(tmp_path_factory.mktemp("grown"), estate)
    source = estate / "exports" / "aws_main"
    newest = {delivery.period: delivery for delivery in runs(source)}
    first, second, third = sorted(newest)[:3]
    steps = {}

    hand_over(source, site.main, newest[first])
    steps["first month"] = rebuilt(site.grow())

    hand_over(source, site.main, newest[second])
    steps["second month"] = rebuilt(site.grow())

    # The restatement changes charges, drops some and adds some, while the third month arrives.
    hand_over(source, site.main, newest[third])
    restated = redeliver(
        site.main,
        newest[second],
        f"{third}-28T06:00:00Z-restated",
        # Net and unblended costs move together, as in a bill that still ties in itself.
        "update bill set line_item_unblended_cost = line_item_unblended_cost + 0.25, "
        "line_item_net_unblended_cost = line_item_net_unblended_cost + 0.25 "
        "where line_item_line_item_type = 'Usage' and line_item_unblended_cost > 5",
        "delete from bill where line_item_line_item_type = 'Credit' "
        "or (line_item_line_item_type = 'Usage' and line_item_unblended_cost = 0)",
        "insert into bill by name select * replace (identity_line_item_id || '-late' as "
        "identity_line_item_id) from bill where line_item_line_item_type = 'Tax'",
    )
    steps["restatement"] = rebuilt(site.grow())

    # Arriving late, and older than what is there: the other account, and a superseded run.
    shutil.copytree(
        estate / "exports" / "aws_research",
        site.folder / "exports" / "aws_research",
        dirs_exist_ok=True,
    )
    redeliver(site.main, newest[second], f"{second}-28T06:00:00Z-superseded", "delete from bill")
    steps["late older deliveries"] = rebuilt(site.refresh())
    return Grown(site, steps, restated)


@pytest.fixture(scope="module")
def scratch(grown, estate, tmp_path_factory) -> Site:
    site = new_site(tmp_path_factory.mktemp("scratch"), estate)
    shutil.copytree(grown.site.folder / "exports", site.folder / "exports", dirs_exist_ok=True)
    site.refresh()
    return site


def test_each_step_rebuilds_only_what_changed(grown):
    first, second, third = sorted(period for _, period in grown.steps["first month"]) + sorted(
        period for _, period in grown.steps["second month"] | grown.steps["restatement"]
    )
    main = "aws_main"
    assert grown.steps["first month"] == {(main, first)}
    assert grown.steps["second month"] == {(main, second)}
    assert grown.steps["restatement"] == {(main, second), (main, third)}
    late = grown.steps["late older deliveries"]
    assert {source for source, _ in late} == {"aws_research"}, late


def test_growing_and_building_from_scratch_give_the_same_rows(grown, scratch):
    assert differences(grown.site, scratch) == {}


def test_the_restatement_is_reported_with_what_it_changed(grown):
    restatements = grown.site.warehouse.rows(
        """
        select billing_period, previous_cost <> restated_cost,
            cost_difference = restated_cost - previous_cost, previous_status is not null
        from ai_finops.quality.restatements where source_name = 'aws_main'
        """
    )
    assert restatements
    assert set(restatements) == {(grown.restated.period, True, True, True)}


def test_an_unchanged_delivery_rebuilds_nothing(grown):
    before = public_build_file(grown.site.warehouse.home).read_bytes()
    report = grown.site.refresh()
    assert report.build.rebuilt == []
    assert report.build.skipped
    assert public_build_file(grown.site.warehouse.home).read_bytes() == before


def test_a_hand_run_build_with_nothing_queued_changes_no_row(grown, scratch):
    outcome = scratch.warehouse.dbt("run")
    assert set(outcome.values()) == {"success"}, outcome
    assert differences(grown.site, scratch) == {}


def test_what_is_no_longer_landed_leaves_every_table(grown, scratch):
    """An export that exports.yml drops, and a month whose pointer was removed as landing advises
    where a month has become empty."""
    gone = scratch.warehouse.home / "raw" / "aws_main" / "line_items"
    withdraw(scratch.main, grown.restated.period)
    (gone / f"billing_period={grown.restated.period}" / "current.json").unlink()
    config = scratch.folder / "exports.yml"
    kept = [line for line in config.read_text().splitlines() if "aws_research" not in line]
    config.write_text("\n".join(kept) + "\n")

    vanished = rebuilt(scratch.refresh())
    research = {("aws_research", period) for period in ALL_MONTHS}
    assert vanished == research | {("aws_main", grown.restated.period)}
    left = {}
    for table, columns in public_tables(public_build_file(scratch.warehouse.home)).items():
        names = {name.strip('"').removeprefix("x_"): name for name in columns}
        if {"source_name", "billing_period"} <= set(names):
            key = f"({names['source_name']}, {names['billing_period']})"
            current = "and is_current" if "is_current" in names else ""
            left[table] = scratch.warehouse.rows(
                f"select distinct {key} from ai_finops.{table} where {key} in "
                f"({', '.join(map(str, sorted(vanished)))}) {current}"
            )
    assert {"focus.cost_and_usage", "quality.reconciliation"} <= set(left)
    assert {table: rows for table, rows in left.items() if rows} == {}
