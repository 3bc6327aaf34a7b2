"""On-prem rate cards: what a line costs in a month, when it is accrued, what is refused."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from orchestration.exports.kinds import on_prem
from orchestration.exports.schemas import declared_columns
from orchestration.project import ROOT
from tests.landing.rate_cards import CAPEX, card_line, write_card

MONTHS = "raw_on_prem.rate_card_months"


@pytest.fixture
def card(house, monkeypatch) -> Path:
    """The card's path; today is the first of July 2026."""
    monkeypatch.setattr(on_prem, "today", lambda: date(2026, 7, 1))
    house.export("own", "on_prem_rate_card", "./cards")
    return house.folder / "cards" / "card.csv"


def months(house) -> dict[str, Decimal]:
    rows = house.query(f"select _billing_period, sum(accrued_cost) from {MONTHS} group by 1")
    return dict(rows)


def one(house, columns: str) -> tuple:
    [row] = house.query(f"select {columns} from {MONTHS} where _billing_period = '2026-05'")
    return row


def test_a_flat_price_is_paid_for_every_hour_of_every_accelerator(house, card):
    write_card(card, card_line())
    assert not house.land().refusals
    # 0.95 x 8 accelerators x 2 nodes x hours of the month
    assert months(house) == {"2026-05": Decimal("11308.8"), "2026-06": Decimal("10944")}


def test_each_part_has_its_formula(house, card):
    write_card(card, card_line(nodes="3", **CAPEX))
    assert not house.land().refusals
    assert one(house, "depreciation_cost, power_cost, space_cost, staff_cost, other_cost") == (
        Decimal("17437.5"),  # (310000 - 31000) x 3 / 48: a whole month is one instalment
        Decimal("2301.01344"),  # 7.1 x 0.11 x 1.32 x 744 h x 3
        Decimal("2400"),
        Decimal("5200"),
        Decimal("1150"),
    )
    assert one(house, "accrued_cost, accrued_hours") == (Decimal("28488.51344"), 744)


def test_a_part_of_a_month_costs_its_share_of_the_month(house, card):
    write_card(card, card_line(valid_from="2026-05-22", valid_to="2026-05-31", **CAPEX))
    house.land()
    assert one(house, "space_cost, accrual_started_at::date, accrual_ended_at::date") == (
        Decimal("774.1935483870967742"),  # 2400 x 10 / 31
        date(2026, 5, 22),
        date(2026, 6, 1),
    )


def test_two_lines_of_a_month_cost_what_one_would(house, card):
    write_card(
        card,
        card_line(valid_to="2026-05-14", **CAPEX),
        card_line(valid_from="2026-05-15", **CAPEX),
    )
    house.land()
    split = months(house)
    write_card(card, card_line(**CAPEX))
    house.land()
    whole = months(house)
    assert split.keys() == whole.keys()
    # Each part is rounded at the 16th decimal, once per line.
    assert all(abs(split[month] - whole[month]) < Decimal("1e-14") for month in whole)


def test_nothing_is_left_of_a_node_that_is_written_off(house, card):
    parts = {
        "capex_per_node": "48000",
        "depreciation_months": "48",
        "in_service_from": "2022-06-16",
    }
    write_card(card, card_line(nodes="1", valid_from="2026-05-01", **parts))
    house.land()
    # The 48th instalment ends with 15 June 2026.
    assert months(house) == {"2026-05": Decimal("1000"), "2026-06": Decimal("500")}


def test_all_instalments_come_to_the_price_whatever_the_months(house, card, monkeypatch):
    monkeypatch.setattr(on_prem, "today", lambda: date(2030, 1, 1))
    parts = {"capex_per_node": "29000", "depreciation_months": "29"}
    write_card(card, card_line(nodes="1", valid_from="2026-01-15", **parts))
    house.land()
    assert abs(sum(months(house).values()) - 29000) < Decimal("1e-12")


def test_node_hours_and_remainder_come_to_the_line(house, card):
    write_card(card, card_line(nodes="3", **CAPEX))
    house.land()
    cost, node_hour, remainder = one(house, "accrued_cost, node_hour_cost, remainder_cost")
    assert node_hour * 744 * 3 + remainder == cost
    assert 0 <= remainder < Decimal("1e-12")


def test_an_open_line_accrues_through_the_last_complete_day(house, card, monkeypatch):
    write_card(card, card_line())
    monkeypatch.setattr(on_prem, "today", lambda: date(2026, 6, 3))
    house.land()
    assert house.queue(built=True) == ["own 2026-05 (never built)", "own 2026-06 (never built)"]
    assert months(house)["2026-06"] == Decimal("729.6")  # two days
    assert house.pending() == []
    monkeypatch.setattr(on_prem, "today", lambda: date(2026, 6, 4))
    assert len(house.pending()) == 1
    house.land()
    assert months(house)["2026-06"] == Decimal("1094.4")
    # May was complete: nothing about it is read again.
    assert house.queue() == ["own 2026-06 (landed again)"]


def test_a_line_ends_with_its_last_day_or_where_it_says(house, card):
    write_card(
        card,
        card_line(node_pool="a", valid_to="2026-05-31"),
        card_line(node_pool="b", accrue_through="2026-05-10"),
        card_line(node_pool="c", valid_from="2026-06-30"),
        card_line(node_pool="d", valid_from="2026-07-01"),
    )
    house.land()
    assert house.query(
        f"select node_pool, sum(accrued_hours)::int from {MONTHS} group by 1 order by 1"
    ) == [("a", 744), ("b", 240), ("c", 24)]


def test_a_changed_card_restates_the_months_it_concerns(house, card):
    write_card(card, card_line(valid_from="2026-04-01"))
    house.land()
    assert len(house.queue(built=True)) == 3
    dearer = card_line(valid_from="2026-06-01", price_per_accelerator_hour="1.10")
    write_card(card, card_line(valid_from="2026-04-01", valid_to="2026-05-31"), dearer)
    house.land()
    assert house.queue() == ["own 2026-06 (landed again)"]


def test_a_changed_tag_or_name_restates_too(house, card):
    write_card(card, card_line(valid_from="2026-06-01"))
    house.land()
    house.queue(built=True)
    write_card(card, card_line(valid_from="2026-06-01", **{"tag:team": "vision"}))
    house.land()
    assert house.queue() == ["own 2026-06 (landed again)"]


def test_a_month_that_the_card_no_longer_holds_goes(house, card):
    write_card(card, card_line(valid_from="2026-05-01"))
    house.land()
    house.queue(built=True)
    write_card(card, card_line(valid_from="2026-05-01", valid_to="2026-05-31"))
    house.land()
    assert house.queue() == ["own 2026-06 (no longer landed)"]


def test_nodes_are_numbered_or_named(house, card):
    write_card(
        card,
        card_line(node_pool="a"),
        card_line(node_pool="b", nodes="4", node_names="dgx[09-11]; login1"),
    )
    house.land()
    assert house.query(
        f"select accrued_node_names from {MONTHS} where _billing_period = '2026-06' "
        "order by node_pool"
    ) == [("a-01;a-02",), ("dgx09;dgx10;dgx11;login1",)]


def test_rows_name_their_line_their_tags_and_their_account(house, card):
    tags = {"tag:team": "", "tag:cost_centre": "CC-7"}
    write_card(card, card_line(node_pool="a"), card_line(node_pool="b", account="CC-7", **tags))
    house.land()
    assert house.query(
        f"select card_line::int, tags from {MONTHS} where _billing_period = '2026-06' order by 1"
    ) == [(1, {"team": "foundation"}), (2, {"cost_centre": "CC-7"})]
    assert house.query(
        "select billing_account_id, counts_as, landed_rows from raw_ops.delivery_totals "
        "where is_current and billing_period = '2026-06' order by 1"
    ) == [("CC-7", "effective", 1), ("Halden AI", "effective", 1)]


def test_a_parquet_card_is_the_same_card(house, card):
    write_card(card, card_line(nodes="3", **CAPEX), card_line(node_pool="a100"))
    house.land()
    as_csv = months(house)
    with duckdb.connect() as connection:
        # Numbers and days come typed from a program that writes Parquet.
        connection.execute(
            f"copy (select * from read_csv('{card}')) to '{card.with_suffix('.parquet')}'"
        )
    card.unlink()
    house.land()
    assert months(house) == as_csv
    [names] = house.query(f"select list(distinct _source_file) from {MONTHS}")
    assert names == (["card.parquet"],)


def test_a_card_saved_by_a_spreadsheet_is_read(house, card):
    write_card(card, card_line(node_pool="a"), card_line(node_pool="b"))
    lines = card.read_text().splitlines()
    # Byte order mark, line ends, empty lines below.
    card.write_bytes(("\ufeff" + "\r\n".join([*lines, "," * lines[0].count(",")])).encode())
    assert not house.land().refusals
    assert house.query(f"select distinct card_line::int from {MONTHS} order by 1") == [(1,), (2,)]


def test_two_cards_may_hold_two_pools_but_not_one(house, card):
    write_card(card, card_line(node_pool="a"))
    write_card(card.with_name("more.csv"), card_line(node_pool="b"))
    assert not house.land().refusals
    write_card(card.with_name("more.csv"), card_line(node_pool="a", nodes="9"))
    report = house.land()
    assert "both hold 1 of the same rows" in str(report.refusals[0])


PARTS = {"capex_per_node": "1000", "depreciation_months": "10"}
MISTAKES = {
    "no price": ({"price_per_accelerator_hour": ""}, "has no price", "Fill price_per"),
    "two prices": ({"price_per_accelerator_hour": "1", **PARTS}, "count twice", "not both"),
    "half of the power": (
        {**PARTS, "price_per_kwh": "0.1"},
        "power_kw_per_node is empty",
        "or none",
    ),
    "no depreciation": ({"capex_per_node": "5"}, "depreciation_months is empty", "or none"),
    "thousands": ({"price_per_accelerator_hour": "1,250.00"}, "no number", "decimal point"),
    "a currency sign": ({"price_per_accelerator_hour": "$2"}, "no number", "without"),
    "below 0": ({"price_per_accelerator_hour": "-2"}, "below 0", "no negative"),
    "not a number": ({"price_per_accelerator_hour": "NaN"}, "no number", "digits"),
    "pue below 1": (
        {"power_kw_per_node": "7", "price_per_kwh": "0.1", "pue": "0.9"},
        "pue of 0.9",
        "such as 1.3",
    ),
    "half a month": ({"capex_per_node": "5", "depreciation_months": "4.5"}, "4.5", "months"),
    "residual": ({**PARTS, "residual_value_per_node": "2000"}, "residual", "capex_per_node"),
    "half a node": ({"nodes": "1.5"}, "no whole number", "Count the nodes"),
    "no accelerator": ({"accelerators_per_node": "0"}, "0 accelerators", "such as 8"),
    "no cluster": ({"cluster": " "}, "cluster is empty", "Every line"),
    "no currency": ({"currency": "dollars"}, "no currency", "three capital letters"),
    "a day in words": ({"valid_from": "1 May 2026"}, "is no day", "2026-05-31"),
    "an hour": ({"valid_to": "2026-05-31T12:00:00"}, "is no day", "2026-05-31"),
    "end before start": ({"valid_to": "2026-04-30"}, "before valid_from", "itself included"),
    "too few names": ({"node_names": "a"}, "1 different names", "Name every node once"),
    "a name twice": ({"node_names": "a;a"}, "1 different names", "Name every node once"),
    "a broken range": ({"node_names": "a[1-"}, "no node name", "ranges like"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_named_with_line_and_remedy(house, card, mistake):
    changed, reason, remedy = MISTAKES[mistake]
    write_card(card, card_line(node_pool="fine"), card_line(**changed))
    text = house.refused()
    assert "card.csv" in text
    assert "line 2" in text
    assert reason in text
    assert remedy in text


def test_overlapping_lines_of_a_pool_are_refused(house, card):
    write_card(card, card_line(), card_line(valid_from="2026-06-15"))
    text = house.refused()
    assert "line 2: it prices pool h100 of cluster oslo-1 from 2026-06-15 on" in text
    assert "line 1 does so too" in text
    assert "valid_to 2026-06-14" in text


def test_a_node_belongs_to_one_pool(house, card):
    write_card(
        card,
        card_line(node_pool="a", node_names="n1;n2"),
        card_line(node_pool="b", node_names="n2;n3"),
    )
    text = house.refused()
    assert "line 2: node n2 of cluster oslo-1 is in line 1 too" in text


def test_an_unknown_column_is_refused_with_the_nearest_one(house, card):
    write_card(card, card_line(space_per_mnth="100"))
    text = house.refused()
    assert "'space_per_mnth' is not known" in text
    assert "Did you mean space_per_month?" in text


def test_a_column_that_landing_computes_is_refused(house, card):
    write_card(card, card_line(accrued_cost="5"))
    assert "'accrued_cost' is not known" in house.refused()


def test_a_missing_column_is_refused(house, card):
    row = card_line()
    del row["currency"]
    write_card(card, row)
    assert "required column currency is missing" in house.refused()


def test_a_short_line_is_refused_whole(house, card):
    write_card(card, card_line(), card_line(node_pool="b"))
    text = card.read_text().splitlines()
    card.write_text("\n".join([text[0], text[1], text[2].rsplit(",", 3)[0]]) + "\n")
    refused = house.refused()
    assert "line 2: the record is malformed" in refused
    assert house.query(f"select count(*) from {MONTHS}") == [(0,)]


def test_a_card_of_the_future_has_nothing_to_accrue(house, card):
    write_card(card, card_line(valid_from="2027-01-01"))
    assert "no line of the card has begun" in house.refused()


def test_the_card_in_the_documentation_costs_what_it_says(house, card):
    text = (ROOT / "docs" / "on_prem.md").read_text()
    card.parent.mkdir(parents=True)
    card.write_text(text.split("```csv\n")[1].split("```")[0])
    assert not house.land().refusals
    [(cost,)] = house.query(
        f"select accrued_cost from {MONTHS} where _billing_period = '2026-05' and card_line = 1"
    )
    assert cost == Decimal("28488.51344")
    assert f"| {cost:,.2f} |" in text


def test_the_documentation_names_every_column_of_a_card():
    text = (ROOT / "docs" / "on_prem.md").read_text()
    columns = [c.name for c in declared_columns("on_prem_rate_card") if c.name != "tags"]
    assert [name for name in columns if name not in on_prem.ADDED and f"`{name}`" not in text] == []
