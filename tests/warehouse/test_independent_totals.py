"""The bill's total computed without any reader of ours: Python's Decimal over the raw text.

Ledger, reconciliation and FOCUS could all agree and still be wrong together, if a number were
misread at the very start.
"""

from __future__ import annotations

import csv
import gzip
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from orchestration.exports.config import load_exports
from tests.warehouse.warehouse import Warehouse

LEGACY_COST = "lineItem/UnblendedCost"
COST = "line_item_unblended_cost"


def total_of(path: Path) -> Decimal:
    """Sum of the invoiced cost of a delivered file, exactly as it is written there."""
    if path.suffix == ".parquet":
        with duckdb.connect() as connection:
            costs = connection.execute(f"select {COST} from read_parquet('{path}')").fetchall()
        # repr gives the shortest text that is this double, as a CSV of the same bill has it.
        return sum((Decimal(repr(cost)) for (cost,) in costs if cost is not None), Decimal(0))
    with gzip.open(path, "rt", encoding="utf-8", newline="") as text:
        rows = csv.DictReader(text)
        column = LEGACY_COST if LEGACY_COST in (rows.fieldnames or []) else COST
        return sum((Decimal(row[column]) for row in rows if row[column]), Decimal(0))


@pytest.fixture(scope="module")
def expected(built_home) -> dict[tuple[str, str], Decimal]:
    """Per source and period: the total of the delivered files that count."""
    config = load_exports(built_home.estate / "exports.yml")
    totals: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    files = Warehouse(built_home.home).rows(
        "select source_name, billing_period, file_path from ai_finops.quality.ledger "
        "where is_current"
    )
    for source, period, path in files:
        totals[source, period] += total_of(Path(config.export(source).location) / path)
    return dict(totals)


def by_period(built_home, query: str) -> dict[tuple[str, str], Decimal]:
    return {(name, period): cost for name, period, cost in Warehouse(built_home.home).rows(query)}


def test_the_raw_text_sums_to_the_ledgers_total(built_home, expected):
    assert len(expected) >= 6, "two exports of three months were expected"
    assert expected == by_period(
        built_home,
        "select source_name, billing_period, sum(file_cost) from ai_finops.quality.reconciliation "
        "group by all",
    )


def test_the_raw_text_sums_to_what_focus_bills(built_home, expected):
    assert expected == by_period(
        built_home,
        "select x_source_name, x_billing_period, sum(billed_cost) "
        "from ai_finops.focus.cost_and_usage group by all",
    )
