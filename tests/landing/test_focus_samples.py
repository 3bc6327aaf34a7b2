"""Every third-party FOCUS file lands by itself, or is refused with the reason a user needs."""

from __future__ import annotations

import csv
from decimal import Decimal

import pytest

EXAMPLES = "focus/spec_v1_2_examples"
LANDS = [
    "focus/ai_draft_1_5/focus_ai_token_examples.csv",
    "focus/hand_authored/consolidated_multi_provider_1_3.csv",
    *(
        f"focus/synthetic_{version}/focus_{version}_cost_and_usage_{cloud}.csv"
        for version in ("1_2", "1_3", "1_4")
        for cloud in ("aws", "azure", "gcp")
    ),
    *(
        f"{EXAMPLES}/spend_agreements__saas_spend_agreements_{name}.csv"
        for name in ("a1", "a2", "b1", "b2")
    ),
    *(
        f"{EXAMPLES}/virtual_currency_pricing_model_{name}.csv"
        for name in ("a1", "a2", "b1", "b2", "b3", "c")
    ),
]
COMPANIONS = {
    **{
        f"focus/synthetic_1_{v}/focus_1_{v}_contract_commitment_{cloud}.csv": (
            "contract_commitment",
            rows,
        )
        for v in (3, 4)
        for cloud, rows in (("aws", 70), ("azure", 69), ("gcp", 76))
    },
    **{
        f"focus/synthetic_1_4/focus_1_4_{table}_{cloud}.csv": (table, rows)
        for table, rows in (("invoice_detail", 6), ("billing_period", 1))
        for cloud in ("aws", "azure", "gcp")
    },
}
NO_ACCOUNT = "billing_account_id, billing_currency is missing"
NO_NUMBER = "no decimal number in range in BilledCost"
REFUSED = {
    **{
        f"commitment_discount_{name}": NO_ACCOUNT
        for name in (
            "purchase_scenario_1",
            "purchase_scenario_2",
            "purchase_scenario_3",
            "usage_scenario_1",
            "usage_scenario_2",
            "usage_scenario_3",
            "usage_scenario_4",
        )
    },
    **{
        f"{name}_utilization_{flexibility}": NO_ACCOUNT
        for name, flexibility in (
            ("one_hundred_percent", "with_commitment_discount_flexibility_with_1_resource"),
            ("one_hundred_percent", "with_commitment_discount_flexibility_with_2_resources"),
            ("one_hundred_percent", "without_commitment_discount_flexibility"),
            ("zero_percent", "without_commitment_discount_flexibility"),
        )
    },
    **{
        f"simple_agreements__simple_saas_agreements_{name}": NO_NUMBER
        for name in ("a1", "a2", "a3", "b", "c")
    },
}


@pytest.mark.parametrize("path", LANDS)
def test_a_bill_lands_to_its_own_sum(house, samples, path):
    house.export("bill", "focus", samples / path)
    assert house.land().refusals == []
    with (samples / path).open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert house.query(
        "select count(*), sum(billed_cost), sum(effective_cost) from raw_focus.cost_and_usage"
    ) == [
        (
            len(rows),
            sum(Decimal(row["BilledCost"].strip()) for row in rows),
            sum(Decimal(row["EffectiveCost"].strip()) for row in rows),
        )
    ]
    years = house.query(
        "select min(_billing_period), max(_billing_period) from raw_focus.cost_and_usage"
    )
    assert years[0] >= ("2025-01", "2025-01") and years[0] <= ("2026-06", "2026-06")


@pytest.mark.parametrize("path", COMPANIONS)
def test_a_companion_lands_row_by_row(house, samples, path):
    table, rows = COMPANIONS[path]
    house.export("bill", "focus", samples / path)
    assert house.land().refusals == []
    assert house.query(f"select count(*) from raw_focus.{table}") == [(rows,)]


@pytest.mark.parametrize("name", REFUSED)
def test_an_example_without_account_or_numbers_is_refused_with_the_reason(house, samples, name):
    house.export("bill", "focus", samples / EXAMPLES / f"{name}.csv")
    assert REFUSED[name] in house.refused()


def test_every_sample_is_named_here(samples):
    named = {*LANDS, *COMPANIONS, *(f"{EXAMPLES}/{name}.csv" for name in REFUSED)}
    there = {str(path.relative_to(samples)) for path in (samples / "focus").rglob("*.csv")}
    assert there == named
