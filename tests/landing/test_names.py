"""Names that filesystems and object stores allow: each delivered file keeps a place of its own."""

from __future__ import annotations

import os
from urllib.parse import unquote

import pytest

from orchestration.exports.workspace import landed_name
from tests.landing.bills import rows, write_csv, write_parquet

KEYS = [
    "a.csv",
    "a.csv.parquet",
    "a.csv.gz",
    "../a.csv",
    "b/../../../a.csv",
    "./a.csv",
    "b//a.csv",
    "b///a.csv",
    "b/a.csv",
    "b%2Fa.csv",
    "rechnung märz 2026 (7).csv",
    "what?[1]*.csv",
    "back\\slash\nnew line.csv",
]


def test_no_key_leads_out_of_the_version_and_no_two_share_a_file():
    names = {key: landed_name(key, not key.endswith(".parquet")) for key in KEYS}
    assert len({os.path.normpath(name) for name in names.values()}) == len(KEYS)
    for key, name in names.items():
        assert os.path.normpath(name) == name
        assert not name.startswith(("..", "/"))
        assert unquote(name) == (key if key.endswith(".parquet") else f"{key}.parquet")


def test_converted_files_and_files_named_like_them_are_both_landed(house, inbox):
    write_csv(inbox / "bill.csv", rows())
    write_parquet(inbox / "bill.csv.parquet", rows(seed="b", count=4))
    assert not house.land().refusals
    assert house.query(
        "select _source_file, count(*) from raw_aws.line_items group by all order by all"
    ) == [("bill.csv", 6), ("bill.csv.parquet", 4)]


@pytest.mark.parametrize("folder", ["it's [2026] *", "100% %41", "größe 数据", 'quote " here'])
def test_odd_folders_and_files_land_and_are_named_as_delivered(house, folder):
    place = house.folder / "in" / folder
    bad = rows("2026-06", seed="j")
    bad[1]["line_item_usage_amount"] = "many"
    write_csv(place / f"{folder}.csv", rows())
    write_csv(place / "current.json.csv", bad)
    house.export("bill", "aws_cur_2", "./in")
    assert not house.land().refusals
    assert house.query("select distinct _source_file from raw_aws.line_items order by 1") == sorted(
        [(f"{folder}/{folder}.csv",), (f"{folder}/current.json.csv",)]
    )
    assert house.query("select file_path, source_row from raw_ops.quarantined_rows") == [
        (f"{folder}/current.json.csv", 2)
    ]


def test_a_name_too_long_to_be_landed_is_refused(house, inbox):
    write_csv(inbox / f"{'x' * 246}.csv", rows())
    assert "is too long to be landed: 258 bytes" in house.refused()


def test_a_name_that_is_no_text_is_refused_and_not_passed_over(house, inbox):
    write_csv(inbox / "bill.csv", rows())
    os.rename(inbox / "bill.csv", os.fsencode(inbox) + b"/b\xff.csv")
    assert "is not UTF-8" in house.refused()
