"""Each law is seen to fail: an error planted in a built warehouse trips its test and no other.

The build is copied, one thing is changed behind the pipeline's back, the quality models are run
again for the touched period, and the tests that fail are compared with the ones that have to.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.warehouse.warehouse import Warehouse

FOCUS = "ai_finops.focus.cost_and_usage"
QUALITY = ["--select", "path:models/quality", "--exclude", "path:models/quality/conformance*"]
LAWS = ["--select", "tag:conservation", "tag:ledger", "tag:commitments"]


@dataclass(frozen=True)
class Plant:
    """An error: the statements that plant it, and the tests that have to fail.

    ``refocus`` runs the FOCUS models as well, for errors that reach FOCUS through staging.
    """

    name: str
    statements: tuple[str, ...]
    fails: frozenset[str]
    refocus: bool = False


def one_charge(condition: str) -> str:
    """The key of one FOCUS row that meets the condition, as a row predicate."""
    return f"""
        (x_source_name, x_billing_period, x_source_file, x_source_row, x_source_part)
        = (select (x_source_name, x_billing_period, x_source_file, x_source_row, x_source_part)
           from {FOCUS} where {condition}
           order by x_source_name, x_billing_period, x_source_file, x_source_row limit 1)
    """


def plant(name: str, *statements: str, fails: set[str], refocus: bool = False) -> Plant:
    return Plant(name, statements, frozenset(fails), refocus)


USAGE = "x_source_part = 'charge' and charge_category = 'Usage' and billed_cost > 1"
FREE = "x_source_part = 'charge' and charge_category = 'Usage' and billed_cost = 0"

PLANTS = [
    plant(
        "a cent too much on one charge",
        f"update {FOCUS} set billed_cost = billed_cost + 0.01 where {one_charge(USAGE)}",
        fails={"assert_staged_cost_is_in_focus"},
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
        "one charge twice and a like one not at all, which sums and counts both miss",
        f"create temp table swapped as select * from {FOCUS} where {one_charge(FREE)}",
        fails={"assert_charges_are_unique"},
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


def failing_laws(warehouse: Warehouse, refocus: bool = False) -> set[str]:
    queue(warehouse)
    if refocus:
        warehouse.dbt("run", "--select", "path:models/focus")
    built = warehouse.dbt("run", *QUALITY)
    assert set(built.values()) == {"success"}, built
    tested = warehouse.dbt("test", *LAWS)
    assert tested, "no test carries the tags of the laws"
    return {name for name, status in tested.items() if status == "fail"}


@pytest.fixture(scope="module")
def pristine(built_home, tmp_path_factory) -> Warehouse:
    return Warehouse(built_home.home).copy_to(tmp_path_factory.mktemp("pristine") / "home")


@pytest.fixture
def warehouse(pristine: Warehouse, tmp_path: Path) -> Warehouse:
    return pristine.copy_to(tmp_path / "home")


def test_an_honest_warehouse_passes_every_law(warehouse):
    assert failing_laws(warehouse) == set()


@pytest.mark.parametrize("planted", PLANTS, ids=lambda planted: planted.name)
def test_a_planted_error_trips_its_law(warehouse, planted):
    warehouse.execute(*planted.statements)
    assert failing_laws(warehouse, planted.refocus) == planted.fails
