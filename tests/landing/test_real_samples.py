"""Third-party bills land and reconcile, or are held back or refused with a counted reason."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.landing.bills import exact_total

CONTROL = {
    "optscale_cur_legacy_aws_hq.csv": Decimal("183.310135"),
    "optscale_cur_legacy_aws_marketing.csv": Decimal("94.896426"),
    "pace_cost-and-usage-report-00001.csv.gz": Decimal("1012.989174"),
}
BALANCE = """
    select sum(file_rows), sum(landed_rows), sum(quarantined_rows), sum(file_cost),
        sum(landed_cost), sum(quarantined_cost), sum(cost_beyond_scale)
    from raw_ops.deliveries"""


def cost_column(path):
    return "line_item_unblended_cost" if path.name.startswith("pace") else "lineItem/UnblendedCost"


@pytest.mark.parametrize("name", CONTROL)
def test_real_bills_tie_to_their_control_totals(house, samples, name):
    path = samples / "native" / "aws" / name
    house.export("bill", "aws_cur_legacy", path)
    assert not house.land().refusals
    figures = house.query(BALANCE)[0]
    rows, landed, held = figures[:3]
    assert (rows, held) == (landed, 0)
    assert house.total().quantize(Decimal("0.000001")) == CONTROL[name]
    assert figures[3] + figures[6] == exact_total(path, cost_column(path))


def test_a_generated_report_with_words_as_prices_holds_back_what_no_one_can_read(house, samples):
    """koku-nise writes 'convertible' and 'None' into price columns, in 168 of 1,008 rows each."""
    house.export("nise", "aws_cur_legacy", samples / "native" / "nise" / "aws")
    assert not house.land().refusals
    rows, landed, held, cost, landed_cost, held_cost, beyond = house.query(BALANCE)[0]
    assert (rows, landed, held) == (1008, 840, 168)
    path = next((samples / "native" / "nise" / "aws").rglob("*.csv.gz"))
    assert landed_cost + held_cost == cost
    assert cost + beyond == exact_total(path, "lineItem/UnblendedCost")
    assert house.query(
        "select column_name, value, count(*) from raw_ops.quarantined_rows group by all order by 1"
    ) == [
        ("pricing/publicOnDemandCost", "convertible", 168),
    ]
    assert house.query(
        "select column_name from raw_ops.drift where drift_kind = 'placeholder_value' order by 1"
    ) == [("savingsPlan/SavingsPlanEffectiveCost",), ("savingsPlan/SavingsPlanRate",)]


def test_a_folder_of_everything_lands_what_is_a_bill_and_explains_the_rest(house, samples):
    folder = samples / "native" / "aws"
    house.export("all", "aws_cur_legacy", folder)
    report = house.land()
    reasons = {refusal.delivery: refusal.reason for refusal in report.refusals}
    assert set(reasons) == {
        "faf_resource_tags.csv",
        "fivetran_cur2_seed.csv",
        "koku_test_cur.csv",
    }
    assert "is missing among 3 columns" in reasons["faf_resource_tags.csv"]
    assert "none of its 20 rows" in reasons["fivetran_cur2_seed.csv"]
    assert "Expected Number of Columns: 131 Found: 130" in reasons["koku_test_cur.csv"]
    landed = dict(
        house.query("select file_path, sum(file_rows) from raw_ops.deliveries group by 1")
    )
    files = {path.name for path in folder.iterdir() if path.name != "README.md"}
    assert set(landed) | set(reasons) == files
    rows, in_view = sum(landed.values()), house.count()
    assert rows == in_view == 880 + 608 + 20_000 + 423 + 2 + 3
    assert house.query("select count(*) from raw_ops.quarantined_rows") == [(0,)]
