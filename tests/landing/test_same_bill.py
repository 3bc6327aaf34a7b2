"""One bill is one bill: as CSV or Parquet, landed twice, in any order; totals are its own."""

from __future__ import annotations

import itertools
import random
from decimal import Decimal

import pytest

from tests.landing.bills import (
    DataExport,
    LegacyReport,
    exact_total,
    rows,
    write_csv,
    write_parquet,
)

RUN = "2026-06-02T00:00:00.000Z-0000"
VIEW = "select * from raw_aws.line_items order by _source_name, _source_file, _source_row"


def awkward(count=300, **options):
    """Amounts whose double and decimal forms differ in the last digits if cast carelessly."""
    dice = random.Random(7)
    bill = rows(count=count, **options)
    for row in bill:
        row["line_item_unblended_cost"] = repr(
            dice.choice([-1, 1]) * dice.uniform(0.1, 1) * 10.0 ** dice.randint(-6, 5)
        )
        row["line_item_usage_amount"] = repr(dice.uniform(0, 1) * 10 ** dice.randint(-6, 3))
        row["line_item_unblended_rate"] = repr(dice.uniform(0, 90))
        row["pricing_public_on_demand_cost"] = dice.choice(["", repr(dice.uniform(0, 1e4))])
    return bill


def test_csv_and_parquet_of_cur_2_give_identical_typed_rows(house):
    bill = awkward()
    write_csv(house.folder / "csv" / "b.csv.gz", bill)
    write_parquet(house.folder / "parquet" / "b.parquet", bill)
    house.export("bill", "aws_cur_2", "./csv")
    house.land()
    from_csv = house.typed_rows()
    house.entries.clear()
    house.export("bill", "aws_cur_2", "./parquet")
    house.land()
    assert from_csv == house.typed_rows()
    assert len(from_csv) == 300


def test_csv_gz_csv_and_athena_parquet_of_a_legacy_report_give_identical_typed_rows(house):
    bill = awkward(count=60)
    found = []
    for suffix in ("csv", "csv.gz", "snappy.parquet"):
        LegacyReport(house.folder / suffix).deliver("2026-05", bill, suffix=suffix)
        house.entries.clear()
        house.export("bill", "aws_cur_legacy", f"./{suffix}")
        assert not house.land().refusals
        found.append(house.typed_rows())
    assert found[0] == found[1] == found[2]


@pytest.mark.parametrize("legacy", [False, True])
def test_totals_are_those_of_pythons_decimal_over_the_raw_text(house, legacy):
    """The file's total, computed by nothing of ours, is landed + quarantined + digits beyond."""
    bill = awkward(count=200)
    bill[5]["line_item_usage_amount"] = "n/a"
    path = write_csv(house.folder / "in" / "b.csv.gz", bill, legacy=legacy)
    house.export("bill", "aws_cur_legacy" if legacy else "aws_cur_2", "./in")
    house.land()
    file, landed, held, beyond = house.query(
        "select file_cost, landed_cost, quarantined_cost, cost_beyond_scale from raw_ops.deliveries"
    )[0]
    column = "lineItem/UnblendedCost" if legacy else "line_item_unblended_cost"
    assert landed + held == file
    assert file + beyond == exact_total(path, column)
    assert house.total() == landed
    assert house.query(
        "select sum(file_rows), sum(file_cost), sum(landed_cost), sum(quarantined_cost) "
        "from raw_ops.delivery_totals where is_current"
    ) == [(200, file, landed, held)]


def test_parquet_is_kept_byte_for_byte(house):
    path = write_parquet(house.folder / "in" / "b.parquet", rows())
    house.export("bill", "aws_cur_2", "./in")
    house.land()
    landed = next((house.home / "raw" / "bill").rglob("*.parquet"))
    assert landed.read_bytes() == path.read_bytes()


def test_landing_again_changes_nothing_and_reads_nothing(house):
    export = DataExport(house.folder / "in")
    part = export.deliver("2026-05", RUN, rows())[0]
    house.export("bill", "aws_cur_2", "./in")
    assert len(house.pending()) == 1
    house.land()
    before, pointer = house.query(VIEW), house.home / "raw/bill/line_items"
    stamp = {path: path.stat().st_mtime_ns for path in pointer.rglob("*")}
    assert house.pending() == []
    report = house.land()
    assert (report.landed, report.sources[0].skipped) == ([], 1)
    assert stamp == {path: path.stat().st_mtime_ns for path in pointer.rglob("*")}
    part.touch()
    assert len(house.pending()) == 1
    assert house.land().landed == [], "the same checksum is not landed again"
    assert house.query(VIEW) == before
    assert house.query("select count(*) from raw_ops.deliveries") == [(1,)]


def test_any_order_of_deliveries_gives_the_same_rows(house):
    """Restated and late deliveries of two months, in every order, landed after each arrival."""
    runs = [f"2026-06-0{day}T00:00:00.000Z-{day}" for day in (1, 2, 3)]
    deliveries = [
        ("2026-05", runs[0], rows("2026-05", cost="1")),
        ("2026-05", runs[2], rows("2026-05", cost="3", count=4)),
        ("2026-06", runs[1], rows("2026-06", cost="2")),
    ]
    outcomes = []
    for number, order in enumerate(itertools.permutations(deliveries)):
        trial = type(house)(house.folder / f"trial{number}")
        trial.folder.mkdir()
        trial.export("bill", "aws_cur_2", "./in")
        for period, run, bill in order:
            DataExport(trial.folder / "in").deliver(period, run, bill)
            trial.land()
        outcomes.append(trial.query(VIEW))
    assert all(outcome == outcomes[0] for outcome in outcomes)
    assert len(outcomes[0]) == 10


def test_a_restated_month_queues_that_month_only_and_vanished_rows_vanish(house):
    export = DataExport(house.folder / "in")
    for period in ("2026-04", "2026-05", "2026-06"):
        export.deliver(period, RUN, rows(period))
    house.export("bill", "aws_cur_2", "./in")
    house.land()
    assert len(house.queue(built=True)) == 3
    assert house.queue() == []
    export.deliver("2026-05", "2026-07-01T00:00:00.000Z-1", rows(count=2))
    house.land()
    assert house.queue() == ["bill 2026-05 (landed again)"]
    assert len(house.queue(full=True)) == 3
    assert house.queue(built=True) and house.queue() == []
    assert house.count() == 14
    versions = house.query(
        "select is_current, superseded_by is not null, superseded_at is not null, file_rows "
        "from raw_ops.deliveries where billing_period = '2026-05' order by landed_at, is_current"
    )
    assert versions == [(False, True, True, 6), (True, False, False, 2)]


def test_superseded_data_goes_with_the_next_landing_and_the_ledger_stays(house):
    export = DataExport(house.folder / "in")
    house.export("bill", "aws_cur_2", "./in")
    for day in (1, 2, 3):
        export.deliver("2026-05", f"2026-06-0{day}T00:00:00.000Z-1", rows(cost=str(day)))
        house.land()
    house.land()
    assert len(list((house.home / "raw/bill/line_items").rglob("*.parquet"))) == 1
    assert house.query("select count(*), count(*) filter (is_current) from raw_ops.deliveries") == [
        (3, 1)
    ]


def test_content_that_comes_back_is_a_version_of_its_own(house):
    export = DataExport(house.folder / "in", overwrite=True)
    house.export("bill", "aws_cur_2", "./in")
    for cost in ("1", "2", "1"):
        export.deliver("2026-05", RUN, rows(cost=cost))
        house.land()
    assert house.total() == Decimal(21)
    ids = house.query("select version_id, is_current from raw_ops.deliveries order by version_id")
    assert len({version for version, _ in ids}) == 3
    assert [version.endswith("-2") for version, current in ids if current] == [True]


def test_an_export_that_is_no_longer_configured_counts_no_more(house):
    write_csv(house.folder / "in" / "b.csv", rows())
    house.export("bill", "aws_cur_2", "./in")
    house.land()
    house.queue(built=True)
    house.entries.clear()
    house.export("renamed", "aws_cur_2", "./in")
    house.land()
    assert house.count() == 6
    assert house.queue() == ["bill 2026-05 (no longer landed)", "renamed 2026-05 (never built)"]


def test_everything_works_before_anything_is_landed(house):
    assert house.count() == 0
    assert house.queue(full=True) == []
    assert len(house.query("describe raw_aws.line_items")) == 131 + 8
    for table in ("deliveries", "delivery_totals", "drift", "quarantined_rows", "refusals"):
        assert house.query(f"select count(*) from raw_ops.{table}") == [(0,)]


def test_months_are_read_from_their_own_files_only(house):
    """Predicates on the source and the month prune files, so that a month costs a month."""
    export = DataExport(house.folder / "in")
    for period in ("2026-04", "2026-05", "2026-06"):
        export.deliver(period, RUN, rows(period))
    house.export("bill", "aws_cur_2", "./in")
    house.land()
    plan = house.query(
        "explain analyze select sum(line_item_unblended_cost) from raw_aws.line_items "
        "where _source_name = 'bill' and _billing_period in ('2026-05')"
    )[0][1]
    assert "Total Files Read: 1" in plan


def test_net_costs_and_the_ledger_of_periods_limit(house):
    export = DataExport(house.folder / "in")
    bill = [row | {"line_item_net_unblended_cost": "0.05"} for row in rows()]
    export.deliver("2026-05", RUN, bill)
    export.deliver("2026-06", RUN, rows("2026-06"))
    house.export("bill", "aws_cur_2", "./in")
    report = house.land(periods=["2026-05"])
    assert [version.billing_period for version in report.landed] == ["2026-05"]
    house.land()
    assert house.query(
        "select distinct _billing_period, _has_net_costs from raw_aws.line_items order by 1"
    ) == [("2026-05", True), ("2026-06", False)]
