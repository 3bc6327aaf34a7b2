"""Landed files go when their time is over; what was built of them stays, whatever comes after."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from orchestration import kept_rows, pipeline, retention
from orchestration.exports.config import load_exports
from orchestration.exports.errors import ConfigError
from orchestration.exports.ledger import Ledger
from orchestration.exports.workspace import Workspace
from orchestration.project import public_build_file
from tests.warehouse.bills import redeliver, runs
from tests.warehouse.warehouse import Warehouse

HEAD = "subject,scope,keep,unit,reason\n"
RULES = f"{HEAD}raw,,60,months,by default\nraw,aws_main,1,months,trial\nquarantine,,30,days,trial\n"
AUTUMN = date(2026, 8, 15)
CHARGES = "ai_finops.focus.cost_and_usage"
FIGURES = f"""
    select x_billing_period, cast(charges as varchar)
    from {CHARGES} as charges where x_source_name = 'aws_main'
"""
BOOKS = """
    select 'owners' as book, x_billing_period, x_team, sum(effective_cost), count(*)
    from ai_finops.ownership.cost_and_usage group by all
    union all
    select 'reconciliation', billing_period, source_name, sum(focus_billed_cost), sum(file_rows)
    from ai_finops.quality.reconciliation group by all
    union all
    select 'status', billing_period, source_name || status, null, null
    from ai_finops.quality.period_status
"""


@dataclass
class Site:
    """An estate and its data folder, of this module's own."""

    estate: Path
    home: Path

    def run(self, **options):
        report = pipeline.run_pipeline(
            load_exports(self.estate / "exports.yml"), self.home, **options
        )
        assert report.build.ok, report.build.failures
        return report

    def rows(self, query: str) -> list[tuple]:
        return Warehouse(self.home).rows(query)

    def landed_files(self, period: str, source: str = "aws_main") -> list[Path]:
        folder = Workspace(self.home).period_folder(source, "line_items", period)
        return [path for path in folder.rglob("*.parquet")]

    def pointer(self, period: str):
        return Ledger(Workspace(self.home), "aws_main", "line_items").pointer(period)


@pytest.fixture
def policy(tmp_path, monkeypatch) -> Path:
    path = tmp_path / "retention_rules.csv"
    path.write_text(RULES)
    monkeypatch.setattr(retention, "POLICY", path)
    return path


@pytest.fixture(scope="module")
def site(built_home, tmp_path_factory) -> Site:
    folder = tmp_path_factory.mktemp("retention")
    shutil.copytree(built_home.estate, folder / "estate")
    Warehouse(built_home.home).copy_to(folder / "home")
    return Site(folder / "estate", folder / "home")


def test_what_was_built_stays_through_a_run_a_full_refresh_and_a_restatement(site, policy):
    # A copied estate is read once more; nothing of it is new.
    site.run()
    before, books = sorted(site.rows(FIGURES)), sorted(site.rows(BOOKS), key=repr)
    assert site.landed_files("2026-05") and site.landed_files("2026-06")

    told = retention.prune(site.home, dry_run=True, today=AUTUMN)
    assert [(o.name, o.kept_because) for o in told if o.subject == "raw"] == [
        ("aws_main 2026-05", None),
        ("aws_main 2026-06", None),
    ]
    assert site.landed_files("2026-05")

    gone = retention.prune(site.home, today=AUTUMN)
    assert [o.name for o in gone if not o.kept_because] == [o.name for o in told]
    assert sum(o.bytes for o in gone) > 10_000
    assert not site.landed_files("2026-05") and not site.landed_files("2026-06")
    assert site.landed_files("2026-07") and site.landed_files("2026-05", "aws_research")
    assert retention.prune(site.home, today=AUTUMN) == []

    # The next run lands nothing, rebuilds nothing, and shows in the ledger what is gone.
    report = site.run()
    assert not report.landing.landed and not report.build.rebuilt
    assert sorted(site.rows(FIGURES)) == before
    assert sorted(site.rows(BOOKS), key=repr) == books
    pruned = site.rows("""
        select distinct billing_period from ai_finops.quality.ledger
        where source_name = 'aws_main' and is_current and pruned_at is not null order by 1""")
    assert pruned == [("2026-05",), ("2026-06",)]

    # All history is built again but for these months, and the report says so.
    report = site.run(full_refresh=True)
    bills = {"aws_main", "aws_research"}
    queued = {(p.source_name, p.billing_period) for p in report.build.rebuilt}
    assert {place for place in queued if place[0] in bills} == {
        ("aws_main", "2026-07"),
        ("aws_research", "2026-05"),
        ("aws_research", "2026-06"),
        ("aws_research", "2026-07"),
    }
    kept = [w.message for w in report.build.warnings if w.name == "kept as built"]
    assert kept and "aws_main 2026-05, aws_main 2026-06" in kept[0]
    assert sorted(site.rows(FIGURES)) == before
    assert sorted(site.rows(BOOKS), key=repr) == books
    assert not kept_rows.saved_folder(site.home).exists()

    # The provider restates a pruned month: it lands, counts, and can be built again.
    location = site.estate / "exports" / "aws_main"
    newest = max(run for run in runs(location) if run.period == "2026-05")
    redeliver(
        location,
        newest,
        "2026-09-01T06:00:00Z-restated",
        "insert into bill by name select * replace (identity_line_item_id || '-late' as "
        "identity_line_item_id) from bill where line_item_line_item_type = 'Tax'",
    )
    report = site.run()
    assert [(v.source_name, v.billing_period) for v in report.landing.landed] == [
        ("aws_main", "2026-05")
    ]
    assert [p.billing_period for p in report.build.rebuilt] == ["2026-05"]
    assert site.pointer("2026-05").pruned_at is None and site.pointer("2026-06").pruned_at
    after = sorted(site.rows(FIGURES))
    june = [row for row in before if row[0] == "2026-06"]
    assert [row for row in after if row[0] == "2026-06"] == june
    assert after != before

    # Where neither files nor rows are left, nothing is published without them.
    lost = site.home / "lost.duckdb"
    public_build_file(site.home).rename(lost)
    with pytest.raises(ConfigError, match="aws_main 2026-06 there are neither landed files"):
        site.run()
    public_build_file(site.home).unlink(missing_ok=True)
    lost.rename(public_build_file(site.home))


def test_a_month_that_may_still_change_is_not_pruned(built_home, policy, tmp_path):
    home = tmp_path / "home"
    Warehouse(built_home.home).copy_to(home)
    winter = date(2027, 1, 15)
    why = {o.name: o.kept_because for o in retention.prune(home, dry_run=True, today=winter)}
    assert why["aws_main 2026-06"] is None
    assert why["aws_main 2026-07"] == "the month is open; it has to be final or locked"
    with pipeline.private_database(home) as connection:
        connection.execute("delete from raw_ops.built_periods where billing_period = '2026-06'")
    why = {o.name: o.kept_because for o in retention.prune(home, today=winter)}
    assert why["aws_main 2026-06"] == "what is landed is not what is built: run first"
    with pipeline.private_database(home) as connection:
        connection.execute("update raw_ops.built_code set policy = null")
    why = {o.name: o.kept_because for o in retention.prune(home, today=winter)}
    assert why["aws_main 2026-06"] == "the last build is not known to be good"


def test_a_killed_full_refresh_loses_no_kept_row(built_home, policy, tmp_path, monkeypatch):
    """Rows wait in a folder until a build has succeeded; a second try does not save less."""
    home = tmp_path / "home"
    Warehouse(built_home.home).copy_to(home)
    retention.prune(home, today=AUTUMN)
    tables = [("ai_finops", "focus", "cost_and_usage")]
    count = f"select count(*) from {CHARGES} where x_billing_period in ('2026-05', '2026-06') "
    count += "and x_source_name = 'aws_main'"
    with pipeline.private_database(home) as connection:
        rows = connection.execute(count).fetchone()
        kept_rows.save(connection, home, tables)
        connection.execute(f"delete from {CHARGES}")
        kept_rows.save(connection, home, tables)
        kept_rows.put_back(connection, home)
        assert connection.execute(count).fetchone() == rows
        assert rows[0] > 1_000


def test_rows_held_back_and_dry_runs_go_by_their_day(tmp_path, policy, monkeypatch):
    policy.write_text(f"{HEAD}quarantine,,30,days,\npreview,,7,days,\nparquet,,0,days,\n")
    workspace = Workspace(tmp_path)
    for version, landed in (("old", "2026-07-01 06:00:00"), ("new", "2026-08-01 06:00:00")):
        held = workspace.quarantine_folder("bill", "2026-05", version)
        held.mkdir(parents=True)
        (held / "bill.csv").write_text("rows")
        ledger = Ledger(workspace, "bill", "line_items")
        ledger.sidecar_path("2026-05", version).parent.mkdir(parents=True, exist_ok=True)
        ledger.sidecar_path("2026-05", version).write_text(f'{{"landed_at": "{landed}"}}')
    for day in ("2026-08-01T060000", "2026-08-14T060000"):
        (tmp_path / "preview" / day).mkdir(parents=True)
    written = tmp_path / "published" / "parquet" / "focus"
    written.mkdir(parents=True)
    (written / "cost_and_usage.parquet").write_text("fresh")
    gone = retention.prune(tmp_path, today=AUTUMN)
    assert {(o.subject, o.name) for o in gone} == {
        ("quarantine", "bill 2026-05 old"),
        ("preview", "2026-08-01T060000"),
    }
    assert not workspace.quarantine_folder("bill", "2026-05", "old").exists()
    assert workspace.quarantine_folder("bill", "2026-05", "new").exists()


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("bills,,1,months,", "no subject 'bills'"),
        ("raw,,30,days,", "raw in 'days'"),
        ("raw,,one,months,", "keep is 'one'"),
    ],
)
def test_a_rule_that_cannot_be_meant_is_refused(policy, row, words):
    policy.write_text(f"{HEAD}{row}\n")
    with pytest.raises(ConfigError) as refused:
        retention.rules()
    assert words in str(refused.value) and refused.value.line == 2
