"""Each kind of bad delivery is refused, held back or repaired, counted, and told with a remedy."""

from __future__ import annotations

import duckdb
import pytest

from tests.landing.bills import rows, write_csv, write_parquet


def landed_before(house, inbox):
    """A good month that must survive the bad one."""
    write_csv(inbox / "good.csv", rows("2026-01", seed="good"))
    house.land()
    return house.count()


# -- files that cannot be read ------------------------------------------------------------------


def test_truncated_gzip_is_refused_and_what_was_landed_stays(house, inbox):
    before = landed_before(house, inbox)
    path = write_csv(inbox / "bill.csv.gz", rows(count=5000))
    path.write_bytes(path.read_bytes()[:-400])
    text = house.refused()
    assert "bill.csv.gz" in text and "gzip stream is cut off" in text and "delivered again" in text
    assert house.count() == before


def test_parquet_without_footer_is_refused(house, inbox):
    before = landed_before(house, inbox)
    path = write_parquet(inbox / "bill.parquet", rows())
    path.write_bytes(path.read_bytes()[:-30])
    assert "not readable Parquet" in house.refused()
    assert house.count() == before


def test_parquet_with_damaged_data_is_refused(house, inbox):
    path = write_parquet(inbox / "bill.parquet", rows(count=3000))
    start, size = duckdb.sql(f"""
        select data_page_offset, total_compressed_size from parquet_metadata('{path}')
        where path_in_schema = 'line_item_unblended_cost'""").fetchall()[0]
    data = bytearray(path.read_bytes())
    data[start : start + size] = b"\xff" * size
    path.write_bytes(bytes(data))
    assert "the file's data cannot be read" in house.refused()
    assert house.count() == 0


@pytest.mark.parametrize("name", ["bill.csv", "bill.csv.gz", "bill.parquet"])
def test_empty_file_is_refused(house, inbox, name):
    landed_before(house, inbox)
    (inbox / name).write_bytes(b"")
    assert "empty (0 bytes)" in house.refused()


def test_text_named_gzip_is_refused(house, inbox):
    write_csv(inbox / "bill.csv", rows()).rename(inbox / "bill.csv.gz")
    assert "cannot be unpacked" in house.refused()


def test_csv_that_ends_in_the_middle_of_a_record_is_refused(house, inbox):
    path = write_csv(inbox / "bill.csv", rows(count=50))
    path.write_bytes(path.read_bytes()[:-120])
    assert "ends in the middle of record 50" in house.refused()


def test_mixed_line_ends_are_refused(house, inbox):
    path = write_csv(inbox / "bill.csv", rows(), line_end="\r\n")
    path.write_bytes(path.read_bytes() + path.read_bytes().split(b"\r\n")[1] + b"\n")
    assert "line ends are mixed" in house.refused()


def test_header_that_is_not_utf8_is_refused(house, inbox):
    path = write_csv(inbox / "bill.csv", rows())
    path.write_bytes(b"caf\xe9," + path.read_bytes())
    assert "not UTF-8" in house.refused()


# -- headers ------------------------------------------------------------------------------------


def test_header_only_says_that_its_month_is_unknown(house, inbox):
    path = write_csv(inbox / "bill.csv", rows())
    path.write_bytes(path.read_bytes().splitlines(keepends=True)[0])
    assert "a header and no rows" in house.refused()


def test_header_only_in_a_month_folder_lands_empty_but_never_replaces_rows(house, inbox):
    folder = inbox / "data" / "BILLING_PERIOD=2026-05"
    path = write_csv(folder / "cur2-00001.csv", rows())
    header = path.read_bytes().splitlines(keepends=True)[0]
    path.write_bytes(header)
    assert not house.land().refusals
    assert house.query("select file_rows, file_cost from raw_ops.deliveries") == [(0, 0)]
    write_csv(path, rows())
    house.land()
    path.write_bytes(header)
    assert "holds no rows, but 2026-05 has rows" in house.refused()
    assert house.count() == 6


@pytest.mark.parametrize(("delimiter", "name"), [(";", "semicolon"), ("\t", "tab"), ("|", "pipe")])
def test_wrong_delimiter_is_named(house, inbox, delimiter, name):
    write_csv(inbox / "bill.csv", rows(), delimiter=delimiter)
    assert f"separated by {name}" in house.refused()


def test_a_file_that_is_no_table_is_refused(house, inbox):
    inbox.mkdir()
    (inbox / "bill.csv").write_text("hello\nworld\n")
    assert "one column only" in house.refused()


@pytest.mark.parametrize("bom", [False, True])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_byte_order_mark_and_crlf_change_nothing(house, inbox, bom, line_end):
    write_csv(inbox / "bill.csv", rows(), bom=bom, line_end=line_end)
    assert not house.land().refusals
    assert house.query(
        "select identity_line_item_id, line_item_line_item_description, resource_tags "
        "from raw_aws.line_items order by 1 limit 1"
    ) == [("a-2026-05-0", 'He said "p5, please"', {})]


def test_renamed_required_column_is_refused_with_the_nearest_unknown(house, inbox):
    write_csv(
        inbox / "bill.csv", rows(), rename={"line_item_unblended_cost": "lineItemUnblendedCosts"}
    )
    text = house.refused()
    assert "required column line_item_unblended_cost is missing" in text
    assert "unknown column lineItemUnblendedCosts is nearest" in text


def test_renamed_optional_column_is_drift_twice_and_nothing_is_guessed(house, inbox):
    write_csv(inbox / "bill.csv", rows(), rename={"line_item_usage_amount": "line_item_quantity"})
    assert not house.land().refusals
    drift = house.query(
        "select column_name, drift_kind from raw_ops.drift "
        "where column_name in ('line_item_usage_amount', 'line_item_quantity') order by all"
    )
    assert drift == [
        ("line_item_quantity", "unknown_column"),
        ("line_item_usage_amount", "missing_column"),
    ]
    assert house.query("select count(line_item_usage_amount) from raw_aws.line_items") == [(0,)]


@pytest.mark.parametrize("write", [write_csv, write_parquet])
def test_absent_column_families_are_typed_nulls_and_drift(house, inbox, write):
    """No RDS, no RI, no Savings Plan: real exports lack whole families."""
    suffix = "csv" if write is write_csv else "parquet"
    write(inbox / f"bill.{suffix}", rows())
    assert not house.land().refusals
    assert house.query(
        "select typeof(reservation_effective_cost), typeof(savings_plan_savings_plan_rate), "
        "typeof(tags), count(savings_plan_savings_plan_a_r_n) from raw_aws.line_items group by all"
    ) == [("DECIMAL(38,16)", "DECIMAL(38,18)", "MAP(VARCHAR, VARCHAR)", 0)]
    missing = house.query(
        "select count(*) from raw_ops.drift where drift_kind = 'missing_column' "
        "and (column_name like 'reservation%' or column_name like 'savings_plan%')"
    )
    assert missing[0][0] > 35


@pytest.mark.parametrize("write", [write_csv, write_parquet])
def test_added_column_is_drift_and_stays_in_the_landed_file(house, inbox, write):
    bill = [row | {"brand_new": "x"} for row in rows()]
    write(inbox / ("bill.csv" if write is write_csv else "bill.parquet"), bill)
    house.land()
    assert house.query(
        "select drift_kind, detail from raw_ops.drift where column_name = 'brand_new'"
    ) == [("unknown_column", "kept in the landed file as VARCHAR, not read")]
    landed = next(house.home.glob("raw/bill/line_items/*/*/*.parquet"))
    assert house.query(f"select distinct brand_new from read_parquet('{landed}')") == [("x",)]


def test_duplicate_header_over_money_is_refused_and_elsewhere_drift(house, inbox):
    bill = [row | {"spare": "1", "spare2": "2"} for row in rows()]
    write_csv(inbox / "bill.csv", bill, rename={"spare2": "line_item_unblended_cost"})
    assert "names line_item_unblended_cost 2 times" in house.refused()
    write_csv(inbox / "bill.csv", bill, rename={"spare2": "SPARE"})
    assert not house.land().refusals
    landed = next(house.home.glob("raw/bill/line_items/*/*/*.parquet"))
    assert house.query(f"select distinct spare, \"SPARE~2\" from read_parquet('{landed}')") == [
        ("1", "2")
    ]


def test_two_spellings_of_one_column_are_read_together(house, inbox):
    bill = rows(count=2)
    bill[0]["savings_plan_savings_plan_arn"] = "arn:old"
    bill[1]["savings_plan_savings_plan_a_r_n"] = "arn:new"
    write_csv(inbox / "bill.csv", bill)
    house.land()
    assert house.query(
        "select savings_plan_savings_plan_a_r_n from raw_aws.line_items order by 1"
    ) == [("arn:new",), ("arn:old",)]
    assert house.query(
        "select count(*) from raw_ops.drift where drift_kind = 'duplicate_column'"
    ) == [(1,)]


def test_tag_keys_that_differ_in_case_are_both_kept(house):
    bill = rows(count=2)
    for row in bill:
        row["resource_tags"] = {"user:Team": "vision", "user:team": "nlp"}
    write_csv(house.folder / "in" / "bill.csv", bill, legacy=True)
    house.export("bill", "aws_cur_legacy", "./in")
    house.land()
    assert house.query("select distinct resource_tags from raw_aws.line_items") == [
        ({"user:Team": "vision", "user:team": "nlp"},)
    ]


def test_a_legacy_report_under_the_wrong_kind_names_the_right_one(house, inbox):
    write_csv(inbox / "bill.csv", rows(), legacy=True)
    assert "kind: aws_cur_legacy" in house.refused()
