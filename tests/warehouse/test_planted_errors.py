"""Each law is seen to fail: an error planted in a built warehouse trips its test and no other.

The build is copied, one thing is changed behind the pipeline's back, the quality models are run
again for the touched period, and the tests that fail are compared with the ones that have to.
"""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from tests.warehouse.warehouse import Warehouse

FOCUS = "ai_finops.focus.cost_and_usage"
TAGS = ("tag:conservation", "tag:ledger", "tag:commitments")
QUALITY = ["--select", *(f"+{tag},path:models/quality" for tag in TAGS)]
LAWS = ["--select", *TAGS]


@dataclass(frozen=True)
class Plant:
    """An error: the statements that plant it, and the tests that have to fail.

    ``refocus`` runs the FOCUS models as well, for errors that reach FOCUS through staging.
    """

    name: str
    statements: tuple[str, ...]
    fails: frozenset[str]
    warns: frozenset[str] = frozenset()
    refocus: bool = False


def one_charge(condition: str) -> str:
    """The key of one FOCUS row that meets the condition, as a row predicate."""
    return f"""
        (x_source_name, x_billing_period, x_source_file, x_source_row, x_source_part)
        = (select (x_source_name, x_billing_period, x_source_file, x_source_row, x_source_part)
           from {FOCUS} where {condition}
           order by x_source_name, x_billing_period, x_source_file, x_source_row limit 1)
    """


def plant(
    name: str,
    *statements: str,
    fails: set[str],
    warns: set[str] | None = None,
    refocus: bool = False,
) -> Plant:
    return Plant(name, statements, frozenset(fails), frozenset(warns or ()), refocus)


USAGE = "x_source_part = 'charge' and charge_category = 'Usage' and billed_cost > 1"
FREE = "x_source_part = 'charge' and charge_category = 'Usage' and billed_cost = 0"
ONE_FILE = "(select min(file_path) from raw_ops.deliveries where is_current)"
# A file of the bill without net columns: half of a net bill would not tie in itself.
GROSS_FILE = (
    "(select min(file_path) from raw_ops.deliveries "
    "where is_current and source_name = 'aws_research')"
)
ONE_BILL = "(select min(version_id) from raw_ops.delivery_totals where is_current)"
BILLS = "raw_aws.line_items"

# No AWS bill states effective cost or meters tokens: test_native, test_on_prem and
# test_openai_and_anthropic see these fail.
SEEN_ELSEWHERE = {
    "assert_effective_cost_is_what_the_provider_states",
    "assert_effective_cost_is_stated_per_charge_type",
    "assert_metered_costs_are_in_range",
}

PLANTS = [
    plant(
        "a cent too much on one charge",
        f"update {FOCUS} set billed_cost = billed_cost + 0.01, "
        f"effective_cost = effective_cost + 0.01 where {one_charge(USAGE)}",
        fails={"assert_staged_cost_is_in_focus"},
    ),
    plant(
        "the last decimal of one charge",
        f"update {FOCUS} set billed_cost = billed_cost - 0.0000000000000001, "
        f"effective_cost = effective_cost - 0.0000000000000001 where {one_charge(USAGE)}",
        fails={"assert_staged_cost_is_in_focus"},
    ),
    plant(
        "the last decimal of one charge's effective cost",
        f"update {FOCUS} set effective_cost = effective_cost + 0.0000000000000001 "
        f"where {one_charge(USAGE)}",
        fails={"assert_effective_cost_equals_billed_cost"},
    ),
    plant(
        "a credit that lowers the bill but no cost",
        f"""update {FOCUS} set effective_cost = 0
            where {one_charge("charge_category = 'Credit'")}""",
        fails={"assert_effective_cost_equals_billed_cost"},
    ),
    plant(
        "covered usage billed at its price, which another row takes back",
        f"""update {FOCUS} set billed_cost = 5
            where {one_charge("commitment_discount_status = 'Used' and billed_cost = 0")}""",
        f"""update {FOCUS} set billed_cost = billed_cost - 5, effective_cost = effective_cost - 5
            where {one_charge("x_source_name = 'aws_main' and " + USAGE)}""",
        fails={"assert_effective_cost_equals_billed_cost"},
    ),
    plant(
        "a charge lost on the way to FOCUS",
        f"delete from {FOCUS} where {one_charge(USAGE)}",
        fails={"assert_staged_cost_is_in_focus", "assert_staged_rows_are_accounted_for"},
    ),
    plant(
        "a charge of cost 0 lost, which no sum can miss",
        f"delete from {FOCUS} where {one_charge(FREE)}",
        fails={"assert_staged_rows_are_accounted_for"},
    ),
    plant(
        "a charge counted twice",
        f"insert into {FOCUS} select * from {FOCUS} where {one_charge(USAGE)}",
        fails={
            "assert_charges_are_unique",
            "assert_staged_cost_is_in_focus",
            "assert_staged_rows_are_accounted_for",
        },
    ),
    plant(
        "one line twice and its neighbour not at all, which sums and counts both miss",
        f"""update {FOCUS} set x_source_row = (
                select min(other.x_source_row) from {FOCUS} as other
                where other.x_source_file = {FOCUS}.x_source_file and other.x_source_part = 'charge'
                    and other.x_source_row <> {FOCUS}.x_source_row
            ) where {one_charge(USAGE)}""",
        fails={"assert_charges_are_unique"},
    ),
    plant(
        "a cost moved to another account's bill",
        f"update {FOCUS} set billing_account_id = '000000000000' where {one_charge(USAGE)}",
        fails={"assert_staged_cost_is_in_focus", "assert_staged_rows_are_accounted_for"},
    ),
    plant(
        "a month that never reached FOCUS",
        f"delete from {FOCUS} where x_source_name = 'aws_research' "
        f"and x_billing_period = (select min(x_billing_period) from {FOCUS})",
        fails={
            "assert_every_landed_period_is_built",
            "assert_staged_cost_is_in_focus",
            "assert_staged_rows_are_accounted_for",
            "assert_commitments_balance",
        },
    ),
    plant(
        "a month that vanished from landing and stayed in FOCUS",
        "delete from raw_ops.deliveries where billing_period = "
        "(select min(billing_period) from raw_ops.deliveries) and source_name = 'aws_research'",
        "delete from raw_ops.delivery_totals where billing_period = "
        "(select min(billing_period) from raw_ops.delivery_totals) "
        "and source_name = 'aws_research'",
        fails={"assert_every_landed_period_is_built", "assert_landed_cost_is_staged"},
    ),
    plant(
        "money put into a rounding row",
        f"""insert into {FOCUS} by name
            select * replace ('rounding' as x_source_part, 5 as billed_cost) from {FOCUS}
            where {one_charge(USAGE)}""",
        f"update {FOCUS} set billed_cost = billed_cost - 5, effective_cost = effective_cost - 5 "
        f"where {one_charge(USAGE)}",
        fails={"assert_rounding_is_what_the_bill_leaves"},
        warns={"assert_rounding_stays_within_tolerance"},
    ),
    plant(
        "an unused commitment a cent off",
        f"""update {FOCUS} set effective_cost = effective_cost + 0.01
            where {one_charge("x_source_part = 'unused_commitment'")}""",
        fails={"assert_commitments_balance"},
    ),
    plant(
        "an unused commitment left out",
        f"""delete from {FOCUS}
            where {one_charge("x_source_part = 'unused_commitment' and effective_cost > 0.01")}""",
        fails={"assert_commitments_balance"},
    ),
    plant(
        "a commitment fee counted as effective cost too",
        f"""update {FOCUS} set effective_cost = billed_cost
            where {
            one_charge(
                "x_source_part = 'charge' and charge_category = 'Purchase' "
                "and charge_frequency = 'Recurring' and billed_cost > 0 "
                "and commitment_discount_id is not null"
            )
        }""",
        fails={"assert_commitments_balance"},
    ),
    plant(
        "a share of a machine a cent off",
        f"""update {FOCUS} set effective_cost = effective_cost + 0.01
            where {
            one_charge("x_source_part = 'split_remainder' and commitment_discount_id is null")
        }""",
        fails={"assert_shared_machines_add_up", "assert_effective_cost_equals_billed_cost"},
    ),
    plant(
        "a ledger total a cent off",
        f"update raw_ops.deliveries set file_cost = file_cost + 0.01 where file_path = {ONE_FILE}",
        fails={"assert_files_are_landed_or_quarantined", "assert_bill_totals_equal_their_files"},
    ),
    plant(
        "a file with a row that nobody counted",
        f"update raw_ops.deliveries set file_rows = file_rows + 1 where file_path = {ONE_FILE}",
        fails={"assert_files_are_landed_or_quarantined", "assert_bill_totals_equal_their_files"},
    ),
    plant(
        "a bill's total a cent off in file and ledger alike",
        "update raw_ops.delivery_totals set file_cost = file_cost + 0.01, "
        f"landed_cost = landed_cost + 0.01 where version_id = {ONE_BILL}",
        fails={"assert_bill_totals_equal_their_files", "assert_landed_cost_is_staged"},
    ),
    plant(
        "a bill with a cent neither landed nor set aside",
        f"update raw_ops.delivery_totals set quarantined_cost = 0.01 where version_id = {ONE_BILL}",
        fails={"assert_bills_are_landed_or_quarantined"},
    ),
    plant(
        "a bill with a row neither landed nor set aside",
        f"update raw_ops.delivery_totals set quarantined_rows = 1 where version_id = {ONE_BILL}",
        fails={"assert_bill_rows_are_landed_or_quarantined"},
    ),
    plant(
        "a delivery that says it has one row more",
        f"update raw_ops.deliveries set stated_rows = file_rows + 1 where file_path = {ONE_FILE}",
        fails={"assert_deliveries_meet_their_stated_totals"},
    ),
    plant(
        "two current versions of one month",
        "insert into raw_ops.deliveries by name select * replace ('second' as version_id, "
        "0 as file_rows, 0 as landed_rows, 0 as file_cost, 0 as landed_cost, "
        "null as stated_rows, null as stated_cost) from raw_ops.deliveries where is_current",
        fails={"assert_one_current_version_per_period"},
    ),
    plant(
        "a landed file that the view leaves out",
        f"create table kept as select * from {BILLS}",
        f"create or replace view {BILLS} as select * from warehouse.main.kept "
        f"where _source_file <> {GROSS_FILE}",
        fails={"assert_landed_cost_is_staged"},
        warns={"assert_commitment_bills_agree_with_themselves"},
        refocus=True,
    ),
    plant(
        "a bill whose fee lines and covered lines disagree",
        f"create table kept as select * from {BILLS}",
        "update kept set savings_plan_used_commitment = savings_plan_used_commitment - 5 "
        "where line_item_line_item_type = 'SavingsPlanRecurringFee'",
        f"create or replace view {BILLS} as select * from warehouse.main.kept",
        fails=set(),
        warns={"assert_commitment_bills_agree_with_themselves"},
        refocus=True,
    ),
]


def queue(warehouse: Warehouse) -> None:
    """Queue every period, as if each had been landed anew."""
    warehouse.execute(
        "delete from raw_ops.rebuild_queue",
        "insert into raw_ops.rebuild_queue (source_name, billing_period, version_id, reason) "
        "select distinct source_name, billing_period, version_id, 'planted error' "
        "from raw_ops.deliveries where is_current",
    )


def broken_laws(warehouse: Warehouse, refocus: bool = False) -> dict[str, set[str]]:
    """Run the quality models and the laws again; names of the tests by how they ended."""
    queue(warehouse)
    if refocus:
        warehouse.dbt("run", "--select", "path:models/focus")
    built = warehouse.dbt("run", *QUALITY)
    assert set(built.values()) == {"success"}, built
    tested = warehouse.dbt("test", *LAWS)
    assert tested, "no test carries the tags of the laws"
    return {
        outcome: {name for name, status in tested.items() if status == outcome}
        for outcome in ("fail", "warn", "error")
    }


@pytest.fixture(scope="module")
def pristine(built_home, tmp_path_factory) -> Warehouse:
    return Warehouse(built_home.home).copy_to(tmp_path_factory.mktemp("pristine") / "home")


@pytest.fixture(scope="module")
def tampered(pristine: Warehouse, tmp_path_factory) -> Warehouse:
    return pristine.copy_to(tmp_path_factory.mktemp("tampered") / "home")


@pytest.mark.parametrize("planted", PLANTS, ids=lambda planted: planted.name)
def test_a_planted_error_trips_its_law_and_no_other(pristine, tampered, planted):
    tampered.restore_from(pristine)
    tampered.execute(*planted.statements)
    broken = broken_laws(tampered, planted.refocus)
    assert broken == {"fail": planted.fails, "warn": planted.warns, "error": set()}


def test_the_same_warehouse_without_the_error_passes_every_law(pristine, tampered):
    tampered.restore_from(pristine)
    assert broken_laws(tampered) == {"fail": set(), "warn": set(), "error": set()}


def test_every_law_has_been_seen_to_fail(pristine):
    """A new test with one of the laws' tags needs a planted error above."""
    laws = set(pristine.dbt("ls", *LAWS))
    tripped = set().union(*(planted.fails | planted.warns for planted in PLANTS))
    assert laws - SEEN_ELSEWHERE == tripped
