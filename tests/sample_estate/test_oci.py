"""Oracle's part of the estate: planted totals are the sums of its files; its oddities are there."""

from __future__ import annotations

import csv
import gzip
from collections import Counter, defaultdict
from decimal import Decimal
from pathlib import Path

import pytest

from tests.one_provider import deliver_alone

ROWS = 1_300


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    root = tmp_path_factory.mktemp("oci")
    [export] = deliver_alone("oci", root, ROWS)
    lines = []
    for path in sorted((root / export.location).glob("*.csv.gz")):
        with gzip.open(path, "rt", newline="") as source:
            lines += [row | {"file": path.name} for row in csv.DictReader(source)]
    return export, lines


def kind(row: dict[str, str]) -> str:
    if row["lineItem/isCorrection"] == "true":
        return "correction"
    return "usage_overage" if row["cost/overageFlag"] == "true" else "usage"


def test_planted_totals_are_the_sums_of_the_files(written):
    export, lines = written
    sums: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for row in lines:
        month = row["lineItem/intervalUsageStart"][:7]
        sums[month, kind(row)] += Decimal(row["cost/myCost"])
    planted = {(total.month, total.charge_kind): total.billed_cost for total in export.totals}
    assert planted == dict(sums)
    assert all(total.effective_cost == total.billed_cost for total in export.totals)
    assert {total.charge_kind for total in export.totals} == {
        "usage",
        "usage_overage",
        "correction",
    }


def test_the_size_is_what_was_asked_for(written):
    export, lines = written
    assert export.rows == len(lines)
    assert abs(len(lines) - ROWS) < ROWS / 10


def test_every_line_is_there_once(written):
    _, lines = written
    assert max(Counter(row["lineItem/referenceNo"] for row in lines).values()) == 1


def test_corrections_name_the_line_they_correct(written):
    _, lines = written
    by_reference = {row["lineItem/referenceNo"]: row for row in lines}
    corrections = [row for row in lines if kind(row) == "correction"]
    for row in corrections:
        corrected = by_reference[row["lineItem/backreferenceNo"]]
        assert Decimal(row["cost/myCost"]) == -Decimal(corrected["cost/myCost"]) / 2
        assert row["product/resourceId"] == corrected["product/resourceId"]
    assert corrections


def test_late_lines_come_with_the_next_months_first_file(written):
    _, lines = written
    months_per_file: dict[str, set[str]] = defaultdict(set)
    for row in lines:
        months_per_file[row["file"]].add(row["lineItem/intervalUsageStart"][:7])
    assert any(len(months) == 2 for months in months_per_file.values())


def test_one_line_is_half_within_the_credits(written):
    _, lines = written
    beyond = [row for row in lines if row["cost/myCostOverage"]]
    halves = [r for r in beyond if Decimal(r["cost/myCostOverage"]) < Decimal(r["cost/myCost"])]
    assert 0 < len(halves) < len(beyond)
    assert all(row["cost/overageFlag"] == "true" for row in beyond)


def test_the_same_seed_gives_the_same_bytes(tmp_path):
    for name in ("a", "b"):
        deliver_alone("oci", tmp_path / name, 100)
    files = [
        {path.name: path.read_bytes() for path in Path(tmp_path / name).rglob("*.csv.gz")}
        for name in ("a", "b")
    ]
    assert files[0] == files[1]
    assert files[0]
