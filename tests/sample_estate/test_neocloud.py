"""The vendor that delivers FOCUS itself: what was planted is what its files hold."""

from __future__ import annotations

import csv
import gzip
import json
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from sample_estate.context import DeliveredExport
from tests.landing.focus_bills import members
from tests.sample_estate.neocloud import make

ROWS = 4000


@pytest.fixture(scope="module")
def delivered(tmp_path_factory) -> tuple[Path, DeliveredExport]:
    root = tmp_path_factory.mktemp("neocloud")
    return root, make(root, ROWS)


@pytest.fixture(scope="module")
def charges(delivered) -> list[dict[str, str]]:
    """All rows of Cost and Usage, read by Python's csv."""
    root, export = delivered
    found = []
    for path in sorted((root / export.location / "cost_and_usage").glob("*/*.csv.gz")):
        with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
            found += [row | {"month": path.parent.name[-7:]} for row in csv.DictReader(lines)]
    return found


def test_the_columns_are_those_of_1_2_and_two_of_its_own(charges):
    names = [name for name in charges[0] if name != "month"]
    assert names == [*members("1.2"), "x_InstanceType", "x_NodePool"]


def test_rows_and_totals_are_the_planted_ones(delivered, charges):
    _, export = delivered
    assert len(charges) == export.rows
    assert abs(export.rows - ROWS) < ROWS * 0.05
    for month in ("2026-05", "2026-06", "2026-07"):
        planted = [total for total in export.totals if total.month == month]
        of_month = [row for row in charges if row["month"] == month]
        for column, name in (("BilledCost", "billed_cost"), ("EffectiveCost", "effective_cost")):
            held = sum((Decimal(row[column]) for row in of_month), Decimal(0))
            assert held == sum((getattr(total, name) for total in planted), Decimal(0))


def test_every_kind_of_charge_is_there(delivered):
    _, export = delivered
    assert {total.charge_kind for total in export.totals} == {
        "usage",
        "usage_used",
        "usage_unused",
        "purchase",
        "purchase_commitment",
        "credit",
        "tax",
        "correction_usage",
    }
    assert {total.currency for total in export.totals} == {"EUR"}


def test_the_commitment_is_used_or_idle_to_the_last_hour(charges):
    for month in ("2026-05", "2026-06", "2026-07"):
        rows = [row for row in charges if row["month"] == month and row["CommitmentDiscountId"]]
        effective = sum(Decimal(row["EffectiveCost"]) for row in rows)
        billed = sum(Decimal(row["BilledCost"]) for row in rows)
        assert billed == effective > 0
        unused = [row for row in rows if row["CommitmentDiscountStatus"] == "Unused"]
        assert unused and all(row["ConsumedQuantity"] == "" for row in unused)


def test_invoices_are_the_billed_cost_of_closed_months(delivered, charges):
    root, export = delivered
    found = {}
    for path in sorted((root / export.location / "invoice_detail").glob("*/*.csv")):
        with path.open(encoding="utf-8", newline="") as lines:
            listed = list(csv.DictReader(lines))
        found[path.parent.name[-7:]] = sum(Decimal(row["BilledCost"]) for row in listed)
        assert all(json.loads(row["InvoiceDetailGrain"])["ServiceName"] for row in listed)
    assert set(found) == {"2026-05", "2026-06"}
    for month, invoiced in found.items():
        of_month = [row for row in charges if row["month"] == month]
        assert invoiced == sum(Decimal(row["BilledCost"]) for row in of_month)
        assert {row["InvoiceId"] for row in of_month} == {f"CCI-{month}-0917"}
    assert {row["InvoiceId"] for row in charges if row["month"] == "2026-07"} == {""}


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(tmp_path):
    first, again, other = (tmp_path / name for name in ("first", "again", "other"))
    for root, seed in ((first, 7), (again, 7), (other, 8)):
        root.mkdir()
        make(root, 600, seed)
    files = sorted(path.relative_to(first) for path in first.rglob("*") if path.is_file())
    assert all((first / path).read_bytes() == (again / path).read_bytes() for path in files)
    assert any((first / path).read_bytes() != (other / path).read_bytes() for path in files)


@pytest.mark.parametrize("rows", [150, 1000, 20_000])
def test_an_estate_of_any_size_has_about_its_rows(tmp_path, rows):
    export = make(tmp_path, rows)
    assert 0.6 * rows <= export.rows <= 1.4 * rows


def test_the_vendor_takes_small_liberties(charges):
    assert {row["ChargeFrequency"] for row in charges} >= {"Usage-based"}
    assert {row["AvailabilityZone"] for row in charges} >= {"N/A", "eu-de-1b", ""}
    june = {row["ChargePeriodStart"] for row in charges if row["month"] == "2026-06"}
    assert all(" " in moment for moment in june)
    with duckdb.connect() as connection:
        keys = connection.execute(
            "select json_keys(?)",
            [next(r["SkuPriceDetails"] for r in charges if r["SkuId"] == "tokens-in")],
        ).fetchall()
    assert keys == [(["ModelId", "TokenDirection", "TokenCacheAction"],)]
