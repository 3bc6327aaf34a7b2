"""Closed months stay as stated, later bills correct them, and posting files sum to the cent."""

from __future__ import annotations

import csv
import shutil
from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest

from orchestration.closing.closing import MonthNotClosable, close, reopen
from orchestration.exports.config import load_exports
from orchestration.pipeline import RunReport, queue_step, run_pipeline
from orchestration.publishing.finance_export import StatementNotExported, export_statement
from tests.warehouse.bills import redeliver, runs
from tests.warehouse.warehouse import Warehouse

SOURCE, MONTH, NEXT = "aws_main", "2026-05", "2026-06"
STATEMENT = "ai_finops.ownership.statement_monthly"
ALLOCATED = "ai_finops.ownership.allocated_costs"
# What a changed rule of ownership or sharing reaches, down to the statement.
CHAIN = [
    "rule_conditions",
    "derived_candidates",
    "attribution_intervals",
    "decided_tags",
    "decided_owners",
    "key_attributions",
    "attributions",
    "attributed_costs",
    "shared_pools",
    "usage_drivers",
    "shared_ratios",
    "shared_shares",
    "allocated_costs",
    "statement_monthly",
]
LAWS = ("assert_allocated_costs_are_the_bill", "assert_statements_are_the_bill")
LINES = f"""
    select cost_centre, business_unit, team, project, line_type, owner_class, service_category,
        billing_account_id, billing_currency, sum(billed_cost), sum(effective_cost)
    from {STATEMENT}
    where source_name = '{SOURCE}' and statement_month = '{MONTH}' group by all order by all
"""
DRIVERS = """\
date,driver,team,project,quantity
2026-06-01,requests,search,search-ranker,30
2026-06-02,requests,data,corpus-build,7.5
2026-06-02,requests,data,corpus-build,2.5
2026-06-02,requests,,corpus-build,99
"""


@dataclass(frozen=True)
class Books:
    """A warehouse in which May was closed, and whose bill of May came again; lines at closing."""

    warehouse: Warehouse
    stated: list[tuple]
    report: RunReport


@pytest.fixture(scope="module")
def books(built_home, tmp_path_factory) -> Books:
    folder = tmp_path_factory.mktemp("books")
    warehouse = Warehouse(built_home.home).copy_to(folder / "home")
    estate = folder / "estate"
    shutil.copytree(built_home.estate, estate)
    stated = warehouse.rows(LINES)
    close(warehouse.home, MONTH, [SOURCE], "books of May")

    location = estate / "exports" / SOURCE
    newest = {delivery.period: delivery for delivery in runs(location)}
    redeliver(
        location,
        newest[MONTH],
        "2026-07-20T06:00:00Z-restated",
        # Resources cost more than was stated, and one is new; all are of known teams.
        "update bill set line_item_unblended_cost = line_item_unblended_cost + 0.25, "
        "line_item_net_unblended_cost = line_item_net_unblended_cost + 0.25 "
        "where line_item_line_item_type = 'Usage' and line_item_unblended_cost > 5",
        "update bill set line_item_resource_id = 'bucket-that-is-new' "
        "where line_item_product_code = 'AmazonS3' and line_item_unblended_cost > 1",
    )
    (estate / "usage").mkdir()
    (estate / "usage" / "requests.csv").write_text(DRIVERS)
    with (estate / "exports.yml").open("a") as config:
        config.write("usage:\n  - {name: gateway, kind: usage_drivers_csv, location: ./usage/}\n")
    report = run_pipeline(load_exports(estate / "exports.yml"), warehouse.home)
    assert not report.landing.refusals, report.landing.refusals
    assert report.build.ok, report.build.failures
    return Books(warehouse, stated, report)


@pytest.fixture(scope="module")
def scratch(books, tmp_path_factory) -> Warehouse:
    return books.warehouse.copy_to(tmp_path_factory.mktemp("scratch") / "home")


@pytest.fixture
def damaged(books, scratch) -> Warehouse:
    """A copy to damage, whole again before each test."""
    scratch.restore_from(books.warehouse)
    return scratch


def total(warehouse: Warehouse, where: str, table: str = STATEMENT) -> tuple:
    query = f"select sum(billed_cost), sum(effective_cost) from {table} where {where}"
    return warehouse.rows(query)[0]


def test_a_closed_month_stays_as_it_was_stated(books):
    assert books.warehouse.rows(LINES) == books.stated
    closed = f"source_name = '{SOURCE}' and statement_month = '{MONTH}'"
    assert books.warehouse.rows(f"select distinct is_closed from {STATEMENT} where {closed}") == [
        (True,)
    ]
    status = "select status from ai_finops.quality.period_status where source_name = '{}'"
    query = f"{status.format(SOURCE)} and billing_period = '{MONTH}'"
    assert books.warehouse.rows(query) == [("locked",)]


def test_what_its_bill_says_since_is_a_correction_in_the_next_open_month(books):
    here = f"source_name = '{SOURCE}' and billing_period = '{MONTH}'"
    corrected = total(books.warehouse, f"{here} and line_type = 'restatement'")
    before = total(books.warehouse, f"{here} and is_closed")
    bill = f"x_source_name = '{SOURCE}' and x_billing_period = '{MONTH}'"
    today = total(books.warehouse, bill, "ai_finops.focus.cost_and_usage")
    assert corrected[0] > 0
    assert tuple(a + b for a, b in zip(before, corrected, strict=True)) == today
    places = books.warehouse.rows(f"""
        select distinct statement_month, restated_period, restated_line_type is not null, is_closed
        from {STATEMENT} where line_type = 'restatement'
    """)
    assert places == [(NEXT, MONTH, True, False)]


def test_a_new_charge_of_a_closed_month_is_attributed_by_todays_rules(books):
    query = f"""
        select count(*), count(kept.attribution_key), count(ruled.team)
        from allocation.attribution_keys as keys
        inner join allocation.key_attributions as ruled
            using (source_name, billing_period, attribution_key)
        left join allocation.kept_attributions as kept
            using (source_name, billing_period, attribution_key)
        where keys.resource_id like '%bucket-that-is-new' and billing_period = '{MONTH}'
    """
    ((keys, kept, owned),) = books.warehouse.rows(query)
    assert keys > 0 and kept == 0 and owned > 0


def test_a_line_of_drivers_without_a_team_is_set_aside(books):
    query = "select column_name from ai_finops.quality.quarantine where source_name = 'gateway'"
    assert books.warehouse.rows(query) == [("team",)]
    landed = books.warehouse.rows("select team, quantity from evidence.landed_drivers order by 1")
    assert landed == [("data", Decimal(10)), ("search", Decimal(30))]


@pytest.mark.parametrize(
    "law, damage",
    [
        (LAWS[0], f"update {ALLOCATED} set {{cost}} = {{cost}} + 0.01 where part = 'shared' "
         f"and policy = 'support' and rowid = (select min(rowid) from {ALLOCATED} "
         "where part = 'shared' and policy = 'support')"),
        (LAWS[0], f"delete from {ALLOCATED} where rowid = (select min(rowid) from {ALLOCATED} "
         "where part = 'direct' and {cost} <> 0)"),
        (LAWS[1], f"update {STATEMENT} set {{cost}} = {{cost}} + 0.01 "
         f"where rowid = (select min(rowid) from {STATEMENT} where is_closed)"),
        (LAWS[1], f"delete from {STATEMENT} where line_type = 'restatement'"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("cost", ["billed_cost", "effective_cost"])
def test_a_moved_cent_is_noticed(damaged, law, damage, cost):
    damaged.execute(damage.format(cost=cost))
    assert damaged.dbt("test", "--select", law) == {law: "fail"}


def test_fixed_shares_that_do_not_add_up_are_refused(damaged):
    law = "assert_policies_of_sharing_are_sound"
    assert damaged.dbt("test", "--select", law) == {law: "pass"}
    shares = "reference.shared_cost_fixed_shares"
    damaged.execute(f"update {shares} set share = 0.2 where team = 'vision'")
    assert damaged.dbt("test", "--select", law) == {law: "fail"}


@pytest.fixture(scope="module")
def reorganised(books, tmp_path_factory) -> Warehouse:
    """A team has moved, a project changed hands, and support is shared by requests from now on."""
    copy = books.warehouse.copy_to(tmp_path_factory.mktemp("reorganised") / "home")
    copy.execute(
        "update reference.team_hierarchy set cost_centre = 'CC-7777' where team = 'foundation'",
        "update reference.project_owners set team = 'vision' where project = 'atlas-pretrain'",
        "update reference.shared_cost_policies set method = 'driver', driver = 'requests', "
        "scope = 'company' where policy = 'support'",
    )
    states = copy.dbt("run", "--select", *CHAIN)
    assert set(states.values()) == {"success"}
    return copy


def test_a_reorganisation_does_not_rewrite_a_closed_month(books, reorganised):
    assert reorganised.rows(LINES) == books.stated
    moved = f"""
        select count_if(cost_centre = 'CC-7777'), count_if(cost_centre <> 'CC-7777')
        from {STATEMENT} where team = 'foundation' and source_name = '{SOURCE}' and
    """
    assert reorganised.rows(f"{moved} is_closed")[0][0] == 0
    # Tags of the bill may name a cost centre of their own; shares have that of their team.
    open_lines = f"{moved} not is_closed and line_type = 'shared'"
    assert reorganised.rows(open_lines)[0][0] > 0
    assert reorganised.rows(open_lines)[0][1] == 0
    assert set(reorganised.dbt("test", "--select", *LAWS).values()) == {"pass"}


def test_a_changed_policy_shares_open_months_only(reorganised):
    shared = """
        select team, sum(effective_cost) / sum(sum(effective_cost)) over ()
        from ai_finops.ownership.shared_costs
        where policy = 'support' and source_name = '{}' and billing_period = '{}'
        group by team order by team
    """
    assert [team for team, _ in reorganised.rows(shared.format(SOURCE, MONTH))] != [
        "data",
        "search",
    ]
    june = reorganised.rows(shared.format(SOURCE, NEXT))
    assert [(team, round(part, 9)) for team, part in june] == [("data", 0.25), ("search", 0.75)]
    # July has no list of requests yet: its support stays where it is, by its name.
    july = "select distinct part, residual_class from {} where policy = 'support' and "
    query = july.format(ALLOCATED) + "billing_period = '2026-07' and source_name = 'aws_main'"
    assert reorganised.rows(query) in ([("residual", "no_driver")], [])


def test_charges_that_a_closed_month_no_longer_knows_are_told(damaged):
    law = "assert_closed_months_know_their_charges"
    assert damaged.dbt("test", "--select", law) == {law: "pass"}
    # As if the bill of today were the one that was closed, read by a later version.
    damaged.execute(
        "update raw_ops.closed_periods set version_id = current_versions.version_id "
        "from raw_ops.current_versions "
        f"where current_versions.source_name = '{SOURCE}' "
        f"and current_versions.billing_period = '{MONTH}'"
    )
    assert damaged.dbt("test", "--select", law) == {law: "warn"}


@pytest.mark.parametrize(
    "month, sources, said",
    [
        ("2026-07", None, "is not complete: metered up to 2026-07-0"),
        (MONTH, [SOURCE], "closed already for aws_main"),
        (NEXT, ["azure_main"], "azure_main has no bill for 2026-06"),
        ("2025-01", None, "Months with bills: 2026-05, 2026-06, 2026-07"),
        ("June", None, "write it as YYYY-MM"),
    ],
)
def test_closing_refuses_and_says_why(books, month, sources, said):
    with pytest.raises(MonthNotClosable, match=said):
        close(books.warehouse.home, month, sources)
    assert not (books.warehouse.home / "kept" / SOURCE / "billing_period=2026-07").exists()


@pytest.mark.parametrize(
    "damage, said",
    [
        ("update ai_finops.quality.invoice_tie_out set status = 'gap', gap = 1.5 where "
         f"source_name = '{SOURCE}' and billing_period = '{NEXT}' and invoice_id is not null",
         "differ by 1.5"),
        ("update ai_finops.quality.period_status set quarantined_rows = 3 where "
         f"source_name = '{SOURCE}' and billing_period = '{NEXT}'", "3 rows of its bill"),
        ("update raw_ops.built_code set policy = null", "last build failed"),
        ("update raw_ops.built_periods set version_id = 'older' where "
         f"source_name = '{SOURCE}' and billing_period = '{NEXT}'", "newer delivery"),
        ("update ai_finops.quality.expectation_results set is_current = true, verdict = 'fail'",
         "Policies below their floor"),
    ],
)  # fmt: skip
def test_a_month_with_a_failed_check_is_not_closed(damaged, damage, said):
    damaged.execute(damage)
    with pytest.raises(MonthNotClosable, match=said):
        close(damaged.home, NEXT, [SOURCE])


def test_corrections_are_closed_with_their_month_and_hold_the_corrected_one(
    books, tmp_path_factory
):
    copy = books.warehouse.copy_to(tmp_path_factory.mktemp("second") / "home")
    closing = close(copy.home, NEXT, [SOURCE])[0]
    here = f"source_name = '{SOURCE}' and statement_month = '{NEXT}'"
    assert closing.billed == {"USD": total(copy, here)[0]}
    queue_step(copy.home)
    before = copy.rows(f"select * exclude (is_closed) from {STATEMENT} where {here} order by all")
    copy.dbt("run", "--select", "kept_attributions", "kept_shares", *CHAIN)
    after = copy.rows(f"select * exclude (is_closed) from {STATEMENT} where {here} order by all")
    assert after == before
    assert copy.rows(f"select count(*) from {STATEMENT} where {here} and not is_closed") == [(0,)]
    with pytest.raises(MonthNotClosable, match=f"Reopen {NEXT} first"):
        reopen(copy.home, MONTH, [SOURCE])
    reopen(copy.home, NEXT, [SOURCE])
    queue_step(copy.home)
    reopen(copy.home, MONTH, [SOURCE])
    queue_step(copy.home)
    copy.dbt("run", "--select", "kept_attributions", "kept_shares", *CHAIN)
    assert copy.rows(f"select count(*) from {STATEMENT} where line_type = 'restatement'") == [(0,)]
    assert set(copy.dbt("test", "--select", *LAWS).values()) == {"pass"}


def posted(path: Path) -> dict[tuple[str, str], Decimal]:
    sums: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    with path.open(newline="", encoding="utf-8") as rows:
        for row in csv.DictReader(rows):
            assert row["cost_centre"] and row["account_code"] and row["text"]
            assert -Decimal(row["amount"]).as_tuple().exponent == 2
            sums[row["source"], row["billing_period"]] += Decimal(row["amount"])
    return dict(sums)


def test_the_posting_file_sums_to_the_invoice_to_the_cent(books, tmp_path):
    done = export_statement(books.warehouse.home, NEXT, tmp_path / "june.csv")
    invoiced = books.warehouse.rows(f"""
        select source_name, billing_period, round(sum(billed_cost), 2)
        from ai_finops.quality.invoice_tie_out where billing_period = '{NEXT}' group by all
    """)
    found = posted(tmp_path / "june.csv")
    assert len(invoiced) == 2
    for source, period, amount in invoiced:
        assert found[source, period] == amount
    # Corrections of May are a document of their own in June's file.
    corrected = f"source_name = '{SOURCE}' and line_type = 'restatement'"
    assert found[SOURCE, MONTH] == round(total(books.warehouse, corrected)[0], 2)
    assert sum(done.totals.values()) == sum(found.values())
    assert done.provisional == ["aws_main", "aws_research"]
    lines = (tmp_path / "june.csv").read_text().splitlines()
    assert any(",rounding," in line for line in lines)
    assert any("correction of" in line and f"/restated-{NEXT}" in line for line in lines)


def test_a_closed_statement_posts_what_was_closed(books, tmp_path):
    done = export_statement(books.warehouse.home, MONTH, tmp_path / "may.csv", [SOURCE])
    assert done.provisional == []
    stated = sum(row[-2] for row in books.stated)
    assert posted(tmp_path / "may.csv") == {(SOURCE, MONTH): round(stated, 2)}


@pytest.mark.parametrize(
    "damage, month, said",
    [
        ("delete from reference.statement_currencies where currency = 'USD'", NEXT,
         "statement_currencies.csv"),
        ("delete from reference.statement_accounts where line_type = 'tax'", NEXT,
         "statement_accounts.csv"),
        ("select 1", "2025-01", "Months with statements"),
    ],
)  # fmt: skip
def test_a_file_that_nobody_could_post_is_not_written(damaged, tmp_path, damage, month, said):
    damaged.execute(damage)
    with pytest.raises(StatementNotExported, match=said):
        export_statement(damaged.home, month, tmp_path / "file.csv")
    assert not (tmp_path / "file.csv").exists()
