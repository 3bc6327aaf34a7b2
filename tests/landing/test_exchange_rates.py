"""Exchange rates land like bills; a rate that is no number is held back and named."""

from __future__ import annotations

from decimal import Decimal

from tests.landing.bills import rows, write_csv

HEADER = "currency,reporting_currency,date,rate,source\n"


def test_rates_land_exactly_and_a_wrong_one_is_quarantined(house):
    write_csv(house.folder / "bill" / "2026-05.csv", rows("2026-05"))
    house.export("bill", "aws_cur_2", "./bill")
    (house.folder / "rates").mkdir()
    (house.folder / "rates" / "2026.csv").write_text(
        HEADER
        + "EUR,USD,2026-05-01,1.1234567891,bank\n"
        + "EUR,USD,2026-06-01,1.2,bank\n"
        + 'GBP,USD,2026-05-01,"1,25",bank\n'
    )
    house.listed("rates", "treasury", "exchange_rates_csv", "./rates")
    report = house.land()
    assert not report.refusals
    [held_back] = [v.quarantined_rows for v in report.landed if v.quarantined_rows]
    assert held_back == 1
    assert house.query(
        "select _billing_period, currency, cast(valid_from as varchar), rate "
        "from raw_rates.exchange_rates order by all"
    ) == [
        ("2026-05", "EUR", "2026-05-01 00:00:00", Decimal("1.1234567891")),
        ("2026-06", "EUR", "2026-06-01 00:00:00", Decimal("1.2")),
    ]


def test_other_columns_are_refused_with_a_hint(house):
    write_csv(house.folder / "bill" / "2026-05.csv", rows("2026-05"))
    house.export("bill", "aws_cur_2", "./bill")
    (house.folder / "rates").mkdir()
    (house.folder / "rates" / "rates.csv").write_text("team,cost\nvision,3\n")
    house.listed("rates", "treasury", "exchange_rates_csv", "./rates")
    [refusal] = house.land().refusals
    assert "exchange rates" in f"{refusal.reason} {refusal.remedy}"
