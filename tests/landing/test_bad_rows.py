"""Bad rows and repeated months: what is held back, what is kept, how each is counted."""

from __future__ import annotations

import gzip
from decimal import Decimal

import pytest

from orchestration.exports import reading
from tests.landing.bills import exact_total, month_after, rows, write_csv, write_parquet

BALANCE = """
    select sum(file_rows), sum(landed_rows), sum(quarantined_rows),
        sum(file_cost), sum(landed_cost), sum(quarantined_cost)
    from raw_ops.deliveries where is_current"""
QUARANTINE = (
    "select source_row, reason, column_name, value from raw_ops.quarantined_rows order by 1"
)


# -- rows ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("line_item_unblended_cost", "n/a", "no decimal number in range"),
        ("line_item_unblended_cost", "1,50", "no decimal number in range"),
        ("line_item_unblended_cost", "1e30", "no decimal number in range"),
        ("line_item_unblended_cost", "", "required value is empty"),
        ("line_item_unblended_cost", "None", "no decimal number in range"),
        ("pricing_public_on_demand_cost", "convertible", "no decimal number in range"),
        ("line_item_usage_amount", "many", "no decimal number in range"),
        ("line_item_usage_start_date", "05/01/2026", "no UTC timestamp"),
        ("line_item_usage_start_date", "2026-05-01T02:00:00+02:00", "no UTC timestamp"),
        ("bill_billing_period_start_date", "soon", "no UTC timestamp"),
        ("line_item_currency_code", "", "required value is empty"),
        ("resource_tags", "{broken", "no JSON object"),
    ],
)
def test_a_value_that_cannot_be_read_holds_back_its_row_only(house, inbox, column, value, reason):
    bill = rows()
    bill[3][column] = value
    path = write_csv(inbox / "bill.csv.gz", bill)
    report = house.land()
    assert not report.refusals
    assert report.landed[0].quarantined_rows == 1
    assert house.query(QUARANTINE) == [(4, reason, column, value or None)]
    balance = house.query(BALANCE)[0]
    assert balance[:3] == (6, 5, 1)
    assert balance[3] == balance[4] + balance[5]
    if column != "line_item_unblended_cost":
        assert balance[3] == exact_total(path, "line_item_unblended_cost")
        assert balance[5] == Decimal("0.4")
    assert house.query("select _source_row from raw_aws.line_items order by 1") == [
        (1,), (2,), (3,), (5,), (6,)
    ]  # fmt: skip
    written = next((house.home / "quarantine" / "bill").rglob("*.csv")).read_text()
    assert "bill.csv.gz,4," in written and "BoxUsage:p5.48xlarge" in written


@pytest.mark.parametrize("word", ["None", " null ", "NA", "n/a", "NaN", "-"])
def test_a_word_for_no_value_in_an_optional_number_is_read_as_missing(house, inbox, word):
    """Generated bills write what their language prints; the row's cost belongs to the bill."""
    bill = rows()
    bill[3]["pricing_public_on_demand_cost"] = word
    bill[4]["line_item_usage_amount"] = word
    write_csv(inbox / "bill.csv", bill)
    report = house.land()
    assert report.landed[0].quarantined_rows == 0
    assert house.query(
        "select count(*), count(pricing_public_on_demand_cost), count(line_item_usage_amount), "
        "sum(line_item_unblended_cost) from raw_aws.line_items"
    ) == [(6, 5, 5, Decimal("2.1"))]
    notes = house.query(
        "select column_name, detail from raw_ops.drift "
        "where drift_kind = 'placeholder_value' order by 1"
    )
    assert [name for name, _ in notes] == [
        "line_item_usage_amount",
        "pricing_public_on_demand_cost",
    ]
    assert f"1 rows hold {word!r} or the like" in notes[0][1]


def test_other_text_beside_such_words_still_holds_back_its_row(house, inbox):
    bill = rows()
    bill[1]["pricing_public_on_demand_cost"] = "None"
    bill[2]["pricing_public_on_demand_cost"] = "convertible"
    write_csv(inbox / "bill.csv", bill)
    write_csv(inbox / "june.csv", rows("2026-06", seed="j"))
    house.land()
    assert house.query(BALANCE)[0][:3] == (12, 11, 1)
    assert [row[3] for row in house.query(QUARANTINE)] == ["convertible"]
    assert house.query(
        "select count(*) from raw_aws.line_items where pricing_public_on_demand_cost is null"
    ) == [(1,)]


def test_not_a_number_in_an_optional_double_is_read_as_missing(house, inbox):
    """Data frames write NaN where a number is missing."""
    write_parquet(
        inbox / "bill.parquet",
        rows(),
        drop=["pricing_public_on_demand_cost"],
        extra={
            "pricing_public_on_demand_cost": "case identity_line_item_id when 'a-2026-05-1' "
            "then 'nan'::double when 'a-2026-05-2' then 'inf'::double else 2.25::double end"
        },
    )
    house.land()
    assert house.query(BALANCE)[0][:3] == (6, 5, 1)
    assert house.query(
        "select pricing_public_on_demand_cost, count(*) from raw_aws.line_items "
        "group by all order by 2"
    ) == [(None, 1), (Decimal("2.25"), 4)]


def test_figures_that_disagree_are_refused(house, inbox, monkeypatch):
    """Rows written by the conversion are counted by themselves, not taken from what is read."""
    write_csv(inbox / "bill.csv", rows())
    convert = reading.convert_csv

    def loses_a_row(*arguments):
        counted, rejects = convert(*arguments)
        return counted + 1, rejects

    with monkeypatch.context() as patched:
        patched.setattr(reading, "convert_csv", loses_a_row)
        assert "7 rows and 0 malformed records delivered, 6 read back" in house.refused()
    assert not house.land().refusals


def test_doubles_that_are_no_amounts_hold_back_their_rows(house, inbox):
    path = write_parquet(
        inbox / "bill.parquet",
        rows(),
        drop=["line_item_unblended_cost"],
        extra={
            "line_item_unblended_cost": "case identity_line_item_id when 'a-2026-05-1' "
            "then 'nan'::double when 'a-2026-05-2' then 'inf'::double else 0.1::double end"
        },
    )
    house.land()
    assert house.query(BALANCE)[0][:3] == (6, 4, 2)
    assert house.total() == Decimal("0.4")
    assert path.exists()


def test_malformed_records_are_held_back_and_later_rows_keep_their_numbers(house, inbox):
    """Too short, too long, and a line break in quotes before them: record numbers stay right."""
    bill = rows(count=20)
    bill[1]["line_item_line_item_description"] = "two\nlines"
    path = write_csv(inbox / "bill.csv", bill)
    records = path.read_text().split("\n")
    short = next(n for n, text in enumerate(records) if text.startswith("a-2026-05-6,"))
    records[short] = records[short].rsplit(",", 3)[0]
    records[short + 5] += ",and,more"
    path.write_text("\n".join(records))
    house.land()
    assert [row[:2] for row in house.query(QUARANTINE)] == [
        (7, "malformed record: missing columns"),
        (12, "malformed record: too many columns"),
    ]
    assert house.query(
        "select count(*), sum(abs(_source_row - 1 - cast(split_part(identity_line_item_id, '-', 4) "
        "as int))) from raw_aws.line_items"
    ) == [(18, 0)]
    rows_and_cost = house.query(BALANCE)[0]
    assert rows_and_cost[:3] == (20, 18, 2)
    assert rows_and_cost[5] == Decimal("0.7"), "a short record's cost can be read, a long one's not"


def test_text_that_is_not_utf8_holds_back_its_row(house, inbox):
    path = write_csv(inbox / "bill.csv", rows())
    path.write_bytes(path.read_bytes().replace(b"a-2026-05-2,", b"a-\xff-2,"))
    house.land()
    assert house.query(BALANCE)[0][:3] == (6, 5, 1)
    assert house.query(QUARANTINE)[0][0] == 3


def test_a_file_without_any_good_row_is_refused_as_a_whole(house, inbox):
    write_csv(inbox / "bill.csv", [row | {"line_item_currency_code": ""} for row in rows()])
    text = house.refused()
    assert "none of its 6 rows can be landed" in text and "line_item_currency_code" in text


def test_rows_of_another_month_than_their_folder_are_held_back(house, inbox):
    bill = rows(count=4) + rows("2026-06", count=2)
    write_csv(inbox / "data" / "BILLING_PERIOD=2026-05" / "cur2-00001.csv", bill)
    house.land()
    assert house.query(BALANCE)[0][:3] == (6, 4, 2)
    assert "another billing period than the delivery's 2026-05" in house.query(QUARANTINE)[0][1]


def test_amount_with_20_decimals_is_rounded_and_the_rest_is_in_the_ledger(house, inbox):
    bill = rows()
    bill[0]["line_item_unblended_cost"] = "0.12345678901234567891"
    path = write_csv(inbox / "bill.csv", bill)
    house.land()
    beyond, rest, landed = house.query(
        "select rows_beyond_scale, cost_beyond_scale, landed_cost from raw_ops.deliveries"
    )[0]
    assert beyond == 1
    assert landed + rest == exact_total(path, "line_item_unblended_cost")
    assert rest == Decimal("-0.00000000000000002109")


def test_identifiers_keep_their_leading_zeros(house, inbox):
    write_csv(inbox / "bill.csv", rows())
    house.land()
    assert house.query(
        "select distinct bill_payer_account_id, line_item_usage_account_id from raw_aws.line_items"
    ) == [("001234567890", "000000000042")]


def test_identifiers_delivered_as_numbers_are_drift(house, inbox):
    write_parquet(inbox / "bill.parquet", rows(), types={"line_item_usage_account_id": "bigint"})
    house.land()
    assert house.query("select detail from raw_ops.drift where drift_kind = 'type_differs'") == [
        ("delivered as BIGINT, read as text",)
    ]
    assert house.query("select distinct line_item_usage_account_id from raw_aws.line_items") == [
        ("42",)
    ]


def test_reversed_intervals_are_landed_as_they_are(house, inbox):
    bill = [
        row
        | {
            "line_item_usage_start_date": row["line_item_usage_end_date"],
            "line_item_usage_end_date": row["line_item_usage_start_date"],
        }
        for row in rows()
    ]
    write_csv(inbox / "bill.csv", bill)
    house.land()
    assert house.query(
        "select count(*) from raw_aws.line_items "
        "where line_item_usage_end_date < line_item_usage_start_date"
    ) == [(6,)]


# -- the same month twice -----------------------------------------------------------------------


def test_the_same_file_twice_is_landed_once(house, inbox):
    write_csv(inbox / "bill.csv", rows())
    write_csv(inbox / "copy of bill.csv", rows())
    assert not house.land().refusals
    assert house.count() == 6
    assert house.query(
        "select file_path, detail from raw_ops.drift where drift_kind = 'duplicate_file'"
    ) == [("copy of bill.csv", "the same bytes as bill.csv; landed once")]


def test_the_same_month_exported_twice_is_refused_naming_both_files(house, inbox):
    write_csv(inbox / "may.csv", rows())
    house.land()
    write_csv(inbox / "may-final.csv.gz", rows(cost="0.2") + rows(seed="late", count=1))
    report = house.land()
    text = str(report.refusals[0])
    assert "may-final.csv.gz and may.csv both hold 6 of the same rows of 2026-05" in text
    assert "move the older one out" in text
    assert house.total() == Decimal("2.1"), "what was landed before stays"
    assert not house.land().landed, "an unchanged pair is not read again"
    assert len(house.land().refusals) == 2
    (inbox / "may.csv").unlink()
    assert not house.land().refusals
    assert house.total() == Decimal("4.3")


def test_parts_without_row_keys_cannot_be_told_from_repeats(house, inbox):
    for name in ("a", "b"):
        write_csv(inbox / f"{name}.csv", rows(seed=name), drop=["identity_time_interval"])
    assert "nobody can tell parts from repeats" in str(house.land().refusals[0])


def test_one_bad_file_holds_up_its_own_months_only(house, inbox):
    """Files of other months land; a month that the bad file held stays as it was."""
    write_csv(inbox / "may.csv", rows())
    write_csv(inbox / "may-tax.csv", rows(seed="tax", count=1))
    house.land()
    write_csv(inbox / "may.csv", rows(cost="9"), delimiter=";")
    write_csv(inbox / "may-tax.csv", rows(seed="tax", count=2))
    write_csv(inbox / "june.csv", rows(month_after("2026-05"), seed="june"))
    texts = [str(refusal) for refusal in house.land().refusals]
    assert any("separated by semicolon" in text for text in texts)
    assert any("waits for may.csv" in text for text in texts)
    assert house.query(
        "select _billing_period, count(*) from raw_aws.line_items group by all order by all"
    ) == [("2026-05", 7), ("2026-06", 6)]
    write_csv(inbox / "may.csv", rows(cost="9"))
    assert not house.land().refusals
    assert house.count() == 14


def test_quoted_line_breaks_in_the_header_do_not_shift_rows(house, inbox):
    path = write_csv(inbox / "bill.csv", [row | {"note": "x"} for row in rows()])
    path.write_bytes(path.read_bytes().replace(b"note", b'"no\nte"', 1))
    house.land()
    assert (house.count(), house.total()) == (6, Decimal("2.1"))


def test_several_gzip_members_are_one_file(house, inbox):
    """Concatenated gzip files are valid gzip; reading stops at none of the seams."""
    path = write_csv(inbox / "bill.csv", rows(count=40))
    lines = path.read_bytes().splitlines(keepends=True)
    path.unlink()
    halves = [b"".join(lines[:20]), b"".join(lines[20:])]
    (inbox / "bill.csv.gz").write_bytes(b"".join(gzip.compress(half) for half in halves))
    house.land()
    assert house.count() == 40


def test_columns_named_like_our_own_are_renamed_in_csv_and_refused_in_parquet(house, inbox):
    bill = [row | {"filename": "x", "_source_row": "7", "line_item_tax_type": ""} for row in rows()]
    bill[2]["line_item_usage_amount"] = "many"
    write_csv(inbox / "bill.csv", bill)
    assert not house.land().refusals
    assert house.query("select max(_source_row), count(*) from raw_aws.line_items") == [(6, 5)]
    write_parquet(inbox / "bill.parquet", [row | {"filename": "x"} for row in rows("2026-06")])
    assert "column name filename is used by the warehouse itself" in house.refused()
