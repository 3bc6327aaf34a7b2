"""The company's own cluster in the estate: a price that changes, a pool that is written off."""

from __future__ import annotations

import csv
from datetime import date
from decimal import Decimal

import pytest

from tests.one_provider import deliver_alone


def card(root, export) -> list[dict[str, str]]:
    with (root / export.location / "rate_card.csv").open(newline="") as source:
        return list(csv.DictReader(source))


def hourly(row: dict[str, str], day: date) -> Decimal:
    """Cost of one node for one hour of a day, in plain decimals."""
    after = date(day.year + day.month // 12, day.month % 12 + 1, 1)
    hours = (after - day.replace(day=1)).days * 24
    bought = date.fromisoformat(row["in_service_from"])
    written_off = bought.replace(year=bought.year + int(row["depreciation_months"]) // 12)
    worth = Decimal(row["capex_per_node"]) - Decimal(row["residual_value_per_node"])
    depreciation = worth / int(row["depreciation_months"]) / hours if day < written_off else 0
    power = Decimal(row["power_kw_per_node"]) * Decimal(row["price_per_kwh"]) * Decimal(row["pue"])
    monthly = Decimal(row["space_per_month"]) + Decimal(row["staff_per_month"])
    return depreciation + power + monthly / int(row["nodes"]) / hours


@pytest.mark.parametrize("rows", [400, 12_000])
def test_planted_totals_follow_from_the_card(tmp_path, rows):
    [export] = deliver_alone("on_prem", tmp_path, rows)
    sums: dict[str, Decimal] = {}
    for row in card(tmp_path, export):
        first, last = (date.fromisoformat(row[name]) for name in ("valid_from", "accrue_through"))
        for number in range(first.toordinal(), last.toordinal() + 1):
            day = date.fromordinal(number)
            cost = hourly(row, day) * 24 * int(row["nodes"])
            sums[f"{day:%Y-%m}"] = sums.get(f"{day:%Y-%m}", Decimal(0)) + cost
    planted = {total.month: total.effective_cost for total in export.totals}
    assert planted.keys() == sums.keys()
    assert all(abs(planted[month] - sums[month]) < Decimal("1e-9") for month in sums)
    assert all(total.billed_cost == 0 for total in export.totals)


def test_the_price_changes_in_the_second_month_and_one_pool_is_written_off(tmp_path):
    [export] = deliver_alone("on_prem", tmp_path, 12_000)
    lines = card(tmp_path, export)
    h100 = [row for row in lines if row["node_pool"] == "h100"]
    assert [row["price_per_kwh"] for row in h100] == ["0.11", "0.145"]
    assert h100[1]["valid_from"].startswith("2026-06")
    [a100] = [row for row in lines if row["node_pool"] == "a100"]
    assert (a100["in_service_from"], a100["depreciation_months"]) == ("2022-06-10", "48")
    assert [row["valid_to"] for row in lines].count("") == 2


def test_a_small_estate_has_few_node_hours(tmp_path):
    [export] = deliver_alone("on_prem", tmp_path, 400)
    days = 0
    for row in card(tmp_path, export):
        first, last = (date.fromisoformat(row[name]) for name in ("valid_from", "accrue_through"))
        days += ((last - first).days + 1) * int(row["nodes"])
    assert days * 24 <= 400
