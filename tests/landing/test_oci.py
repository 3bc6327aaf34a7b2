"""OCI cost reports: loose files that add up, late lines, corrections, tag columns, bad rows."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

TENANT = "ocid1.tenancy.oc1..aaaa"
LINES = "raw_oci.cost_lines"
Row = dict[str, Any]


def line(number: int, *, day: str = "2026-05-03", cost: str = "0.25", **changed: Any) -> Row:
    """A line as Oracle writes it: the interval's two ends in two spellings."""
    return {
        "lineItem/referenceNo": f"ref-{number:04d}",
        "lineItem/tenantId": TENANT,
        "lineItem/intervalUsageStart": f"{day}T{number % 23:02d}:00Z",
        "lineItem/intervalUsageEnd": f"{day}T{number % 23 + 1:02d}:00:00Z",
        "product/service": "COMPUTE",
        "product/resourceId": "ocid1.instance.oc1.eu-frankfurt-1.abc",
        "usage/billedQuantity": "1.000000000000000000",
        "cost/subscriptionId": "0012345",
        "cost/productSku": "B93113",
        "product/Description": "Standard - E4",
        "cost/unitPrice": cost,
        "cost/myCost": cost,
        "cost/myCostOverage": "",
        "cost/currencyCode": "USD",
        "cost/overageFlag": "false",
        "lineItem/isCorrection": "false",
        "lineItem/backreferenceNo": "17053",
        "tags/Halden.Team": "search",
        "tags/Oracle-Tags.CreatedBy": "",
        **changed,
    }


def write(folder: Path, name: str, rows: Iterable[Row]) -> Path:
    """A report below reports/cost-csv/, packed as delivered."""
    path = folder / "reports" / "cost-csv" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = list(rows)
    with gzip.open(path, "wt", newline="") as target:
        writer = csv.DictWriter(target, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return path


@pytest.fixture
def bucket(house) -> Path:
    house.export("oracle", "oci_cost_report", "./bucket")
    return house.folder / "bucket"


def total(house) -> Decimal:
    return house.query(f"select coalesce(sum(cost_my_cost), 0) from {LINES}")[0][0]


def test_files_of_a_month_add_up(house, bucket):
    write(bucket, "0001000000000725-00001.csv.gz", [line(1), line(2)])
    write(bucket, "0001000000001450-00001.csv.gz", [line(3), line(4, day="2026-06-01")])
    report = house.land()
    assert not report.refusals
    assert house.query(
        f"select _billing_period, count(*), sum(cost_my_cost) from {LINES} group by 1 order by 1"
    ) == [("2026-05", 3, Decimal("0.75")), ("2026-06", 1, Decimal("0.25"))]


def test_numbered_parts_are_one_delivery_and_a_gap_is_refused(house, bucket):
    write(bucket, "0001000000000725-00001.csv.gz", [line(1)])
    write(bucket, "0001000000000725-00003.csv.gz", [line(2)])
    assert "0001000000000725-00002.csv.gz is missing" in house.refused()


def test_a_late_line_joins_the_month_of_its_usage(house, bucket):
    write(bucket, "0001000000000725-00001.csv.gz", [line(1), line(2)])
    house.land()
    assert house.queue(built=True) == ["oracle 2026-05 (never built)"]
    write(bucket, "0001000000001450-00001.csv.gz", [line(3), line(4, day="2026-06-01")])
    house.land()
    assert sorted(house.queue()) == [
        "oracle 2026-05 (landed again)",
        "oracle 2026-06 (never built)",
    ]
    assert total(house) == Decimal("1.00")


def test_a_correction_is_a_line_of_its_own(house, bucket):
    wrong = {"lineItem/isCorrection": "true", "lineItem/backReferenceNumber": "ref-0001"}
    rows = [line(1), line(2, cost="-0.125", **wrong)]
    rows[0]["lineItem/backReferenceNumber"] = ""
    for row in rows:
        del row["lineItem/backreferenceNo"]
    write(bucket, "1.csv.gz", rows)
    house.land()
    assert house.query(
        f"select line_item_back_reference_no, cost_my_cost from {LINES} order by 2"
    ) == [("ref-0001", Decimal("-0.125")), (None, Decimal("0.25"))]


def test_the_same_line_in_two_files_is_refused(house, bucket):
    write(bucket, "0001.csv.gz", [line(1), line(2)])
    write(bucket, "0002.csv.gz", [line(2), line(3)])
    report = house.land()
    assert {refusal.delivery for refusal in report.refusals} == {
        "reports/cost-csv/0001.csv.gz",
        "reports/cost-csv/0002.csv.gz",
    }
    assert "both hold 1 of the same rows of 2026-05" in str(report.refusals[0])
    assert total(house) == 0


def test_usage_reports_and_focus_reports_beside_it_are_left_alone(house, bucket):
    write(bucket, "0001.csv.gz", [line(1)])
    for other in ("reports/usage-csv", "FOCUS Reports/2026/05/01"):
        path = bucket / other / "0001.csv.gz"
        path.parent.mkdir(parents=True)
        with gzip.open(path, "wt") as target:
            target.write("lineItem/referenceNo,usage/consumedQuantity\nref-0001,5\n")
    report = house.land()
    assert not report.refusals
    assert total(house) == Decimal("0.25")


def test_tag_columns_fold_into_one_map_and_may_differ_by_file(house, bucket):
    write(bucket, "0001.csv.gz", [line(1)])
    write(bucket, "0002.csv.gz", [line(2, **{"tags/Halden.Project": "atlas"})])
    house.land()
    assert house.query(f"select tags from {LINES} order by line_item_reference_no") == [
        ({"Halden.Team": "search"},),
        ({"Halden.Team": "search", "Halden.Project": "atlas"},),
    ]


def test_a_line_without_a_subscription_belongs_to_its_tenancy(house, bucket):
    write(bucket, "0001.csv.gz", [line(1), line(2, **{"cost/subscriptionId": ""})])
    house.land()
    assert house.query(
        "select billing_account_id, billing_currency, landed_cost from raw_ops.delivery_totals "
        "where is_current order by 1"
    ) == [("0012345", "USD", Decimal("0.25")), (TENANT, "USD", Decimal("0.25"))]


def test_tiny_amounts_with_an_exponent_keep_their_digits(house, bucket):
    write(bucket, "0001.csv.gz", [line(1, cost="2.323760000E-9"), line(2, cost="6.266090E-12")])
    house.land()
    assert total(house) == Decimal("0.0000000023300261")


def test_bad_rows_are_held_back_with_their_cost(house, bucket):
    rows = [
        line(1),
        line(2, **{"cost/myCost": "a lot"}),
        line(3, **{"cost/currencyCode": ""}),
        line(4, **{"lineItem/intervalUsageStart": "yesterday"}),
    ]
    write(bucket, "0001.csv.gz", rows)
    report = house.land()
    assert not report.refusals
    assert total(house) == Decimal("0.25")
    assert house.query(
        "select source_row, column_name, reason from raw_ops.quarantined_rows order by 1"
    ) == [
        (2, "cost/myCost", "no decimal number in range"),
        (3, "cost_currency_code", "required value is empty"),
        (4, "lineItem/intervalUsageStart", "no UTC timestamp"),
    ]
    assert house.query(
        "select sum(quarantined_rows), sum(quarantined_cost) from raw_ops.delivery_totals "
        "where is_current"
    ) == [(3, Decimal("0.50"))]


def test_another_bill_is_told_apart(house, bucket):
    path = bucket / "other.csv"
    path.parent.mkdir(parents=True)
    path.write_text("identity/LineItemId,lineItem/UnblendedCost\na,1\n")
    text = house.refused()
    assert "line_item_reference_no" in text
    assert "does not look like an OCI cost report" in text


def test_the_real_report_lands_whole(house, samples):
    house.export("real", "oci_cost_report", samples / "native" / "oci")
    report = house.land()
    assert not report.refusals
    [(count, cost, tagged)] = house.query(
        f"select count(*), sum(cost_my_cost), count_if(cardinality(tags) > 0) from {LINES}"
    )
    assert (count, round(cost, 8), tagged) == (506, Decimal("2.52358933"), 272)
