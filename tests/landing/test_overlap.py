"""Two exports of one account's month: one counts, chosen the same way in every order."""

from __future__ import annotations

import itertools
from decimal import Decimal

import pytest

from tests.landing.bills import rows, write_csv

PREFER = '{provider: aws, billing_account: "001234567890", use: second}'


@pytest.fixture
def pair(house):
    """`first` and `second` both hold May of one account; `second` costs twice as much."""
    write_csv(house.folder / "one" / "b.csv", rows(seed="x", cost="1"))
    write_csv(house.folder / "two" / "b.csv", rows(seed="y", cost="2"))
    return house.export("first", "aws_cur_2", "./one").export("second", "aws_cur_2", "./two")


ORDERS = [*itertools.permutations(["first", "second"]), None]


@pytest.mark.parametrize("order", ORDERS)
def test_the_first_export_counts_and_the_second_is_refused(pair, order):
    reports = [pair.land(only=[name]) for name in order] if order else [pair.land()]
    final = pair.land()
    assert pair.total() == Decimal(21)
    text = str(final.refusals[0])
    assert len(final.refusals) == 1 and text.startswith("second")
    assert "would double the bill" in text and "prefer:" in text
    assert reports


@pytest.mark.parametrize("order", ORDERS)
def test_prefer_chooses_the_other_and_nothing_is_left_to_do(pair, order):
    pair.prefer.append(PREFER)
    for name in order or ["first", "second"]:
        pair.land(only=[name])
    final = pair.land()
    assert pair.total() == Decimal(42)
    assert final.refusals == []
    assert pair.query("select source_name, is_open, reason from raw_ops.refusals") == [
        (
            "first",
            False,
            "not chosen: `prefer:` reads billing account 001234567890 in 2026-05 from second.",
        )
    ]


def test_prefer_holds_for_its_months_only(pair):
    write_csv(pair.folder / "one" / "june.csv", rows("2026-06", seed="x", cost="1"))
    write_csv(pair.folder / "two" / "june.csv", rows("2026-06", seed="y", cost="2"))
    pair.prefer.append(PREFER[:-1] + ", from: 2026-06, to: 2026-06}")
    pair.land()
    pair.land()
    assert pair.query(
        "select _billing_period, _source_name, sum(line_item_unblended_cost) "
        "from raw_aws.line_items group by all order by all"
    ) == [("2026-05", "first", Decimal(21)), ("2026-06", "second", Decimal(42))]


def test_a_change_of_preference_moves_the_month_and_back(pair):
    pair.land()
    pair.queue(built=True)
    pair.prefer.append(PREFER)
    pair.land()
    assert pair.total() == Decimal(42)
    assert pair.queue(built=True) == [
        "first 2026-05 (no longer landed)",
        "second 2026-05 (never built)",
    ]
    pair.prefer.clear()
    pair.land()
    assert pair.total() == Decimal(21)


def test_a_refused_overlap_is_landed_once_the_other_export_is_gone(pair):
    pair.land()
    pair.entries.pop(0)
    assert not pair.land().refusals
    assert pair.total() == Decimal(42)


def test_a_delivery_that_is_not_chosen_but_holds_other_accounts_is_refused_with_the_reason(pair):
    bill = rows(seed="x", cost="1") + rows(seed="z", account="777", count=2)
    write_csv(pair.folder / "one" / "b.csv", bill)
    pair.prefer.append(PREFER)
    pair.land()
    final = pair.land()
    assert "also holds usage accounts 777" in str(final.refusals[0])
    assert "which second lacks" in str(final.refusals[0])
    assert pair.total() == Decimal(42)


def test_exports_of_different_usage_accounts_do_not_overlap(house):
    for name, account in (("one", "1"), ("two", "2")):
        write_csv(house.folder / name / "b.csv", rows(seed=name, account=account))
        house.export(name, "aws_cur_2", f"./{name}")
    assert not house.land().refusals
    assert house.count() == 12


def test_a_loose_file_with_one_month_in_conflict_lands_its_other_months(pair):
    bill = rows(seed="y", cost="2") + rows("2026-06", seed="y", cost="2")
    write_csv(pair.folder / "two" / "b.csv", bill)
    for _ in range(2):
        report = pair.land()
        assert len(report.refusals) == 1
        assert pair.total() == Decimal(21 + 42)
    pair.entries.pop(0)
    pair.land()
    assert pair.total() == Decimal(42 + 42)


def test_a_loose_file_that_loses_one_month_to_a_later_export_keeps_the_others(pair):
    bill = rows(seed="y", cost="2") + rows("2026-06", seed="y", cost="2")
    write_csv(pair.folder / "two" / "b.csv", bill)
    pair.land(only=["second"])
    assert pair.total() == Decimal(84)
    pair.land()
    pair.land()
    assert pair.total() == Decimal(21 + 42)
