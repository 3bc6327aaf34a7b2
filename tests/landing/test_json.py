"""JSON deliveries: lines, lists, pages of an API. Inner fields become columns, digits are kept."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import duckdb
import pytest

from orchestration.exports.errors import RefusedDelivery
from orchestration.exports.reading_json import convert_json

RECORDS = [
    {"id": "1", "service": {"id": "A", "price": 0.1}, "labels": [{"key": "team", "value": "x"}]},
    {"id": "2", "service": {"id": "B", "price": 1e-7}, "extra": {"deep": {"er": True}}},
    {"id": "3", "service": None, "labels": []},
]
PAGES = {
    "object": "page",
    "data": [
        {"start_time": 1, "results": [{"amount": 0.25, "model": "m"}, {"amount": "12.5"}]},
        {"start_time": 2, "results": []},
        {"start_time": 3, "results": [{"amount": 3, "start_time": None}]},
    ],
}


def converted(
    path: Path, records: tuple[str, ...] = (), whole: tuple[str, ...] = ()
) -> tuple[list[str], list[tuple], list[tuple]]:
    """Columns, rows and rejected lines of a JSON file."""
    target = path.parent / "out.parquet"
    with duckdb.connect() as connection:
        names, counted, rejects = convert_json(
            connection, path.name, path, target, records=records, whole=frozenset(whole)
        )
        rows = connection.execute(f"from read_parquet('{target}')").fetchall()
        rejected = connection.execute(f"select line, csv_line from {rejects}").fetchall()
    assert counted == len(rows)
    return names, rows, rejected


EXPECTED = [
    ("1", "A", "0.1", '[{"key":"team","value":"x"}]', None),
    ("2", "B", "1e-07", None, "true"),
    ("3", None, None, "[]", None),
]


@pytest.mark.parametrize("shape", ["lines", "packed", "list", "pretty list", "one by one"])
def test_every_spelling_gives_the_same_rows(tmp_path, shape):
    lines = "\n".join(json.dumps(record) for record in RECORDS)
    texts = {
        "lines": lines + "\n",
        "packed": lines,
        "list": json.dumps(RECORDS),
        "pretty list": json.dumps(RECORDS, indent=2),
        "one by one": "\n".join(json.dumps(record, indent=1) for record in RECORDS),
    }
    path = tmp_path / ("bill.jsonl.gz" if shape == "packed" else "bill.json")
    data = texts[shape].encode()
    path.write_bytes(gzip.compress(data) if shape == "packed" else data)
    names, rows, rejected = converted(path)
    assert names == ["id", "service.id", "service.price", "labels", "extra.deep.er"]
    assert rows == EXPECTED
    assert rejected == []


def test_a_declared_object_stays_whole(tmp_path):
    path = tmp_path / "bill.jsonl"
    path.write_text("\n".join(json.dumps(record) for record in RECORDS))
    names, rows, _ = converted(path, whole=("service",))
    assert names[1] == "service"
    assert rows[0][1] == '{"id":"A","price":0.1}'


def test_pages_are_unnested_and_keep_what_is_around_the_records(tmp_path):
    for text in (json.dumps(PAGES), json.dumps(PAGES, indent=2), json.dumps([PAGES])):
        path = tmp_path / "page.json"
        path.write_text(text)
        names, rows, _ = converted(path, records=("data", "results"))
        found = [dict(zip(names, row, strict=True)) for row in rows]
        assert [row["amount"] for row in found] == ["0.25", "12.5", "3"]
        assert [row["start_time"] for row in found] == ["1", "1", None]
        assert {row["object"] for row in found} == {"page"}


def test_buckets_without_the_page_around_them_are_read_too(tmp_path):
    path = tmp_path / "buckets.jsonl"
    path.write_text("\n".join(json.dumps(bucket) for bucket in PAGES["data"]))
    names, rows, _ = converted(path, records=("data", "results"))
    assert [row[names.index("amount")] for row in rows] == ["0.25", "12.5", "3"]


def test_fields_of_a_late_record_are_columns_too(tmp_path):
    """However late and deep: an object in a field that was empty so far, with objects in it."""
    plain = [{"id": "1", "note": None, "place": {"zone": "a"}} for _ in range(2500)]
    late = [
        {"id": 2, "note": {"by": {"name": "x"}}, "place": {"zone": "b", "room": {"n": 1}}},
        {"id": "3", "note": {"by": {"name": "y", "at": {"day": "d"}}}, "place": None},
        {"id": "4", "place": {"room": {"n": "two", "*": True, "a/b": [1]}}, "last": 0.5},
        {"id": "5", "place": {"zone": {"odd": 1}}},
    ]
    path = tmp_path / "bill.jsonl"
    path.write_text("\n".join(json.dumps(record) for record in [*plain, *late]))
    names, rows, _ = converted(path)
    found = [dict(zip(names, row, strict=True)) for row in rows[-4:]]
    assert len(rows) == 2504
    filled = [{name: value for name, value in row.items() if value is not None} for row in found]
    assert filled == [
        {"id": "2", "note.by.name": "x", "place.zone": "b", "place.room.n": "1"},
        {"id": "3", "note.by.name": "y", "note.by.at.day": "d"},
        {
            "id": "4",
            "place.room.n": "two",
            "place.room.*": "true",
            "place.room.a/b": "[1]",
            "last": "0.5",
        },
        {"id": "5", "place.zone": '{"odd":1}'},
    ]


def test_an_array_inside_an_object_is_taken_out_of_it(tmp_path):
    path = tmp_path / "answer.json"
    path.write_text(json.dumps({"ok": 1, "data": {"type": "v", "result": [{"a": 1}, {"a": 2}]}}))
    names, rows, _ = converted(path, ("data.result",))
    assert names == ["ok", "data.type", "a"]
    assert rows == [("1", "v", "1"), ("1", "v", "2")]


def test_a_line_that_is_no_json_is_set_aside_with_its_number(tmp_path):
    path = tmp_path / "bill.jsonl"
    path.write_text('{"id": "1"}\n{"id": "2", \n\n{"id": "3"}\n')
    names, rows, rejected = converted(path)
    assert (names, rows) == (["id"], [("1",), ("3",)])
    # The header of a CSV file is record 1: rejected lines are numbered as there.
    assert rejected == [(3, '{"id": "2",')]


@pytest.mark.parametrize("text", ["", "\n\n", "[]", '"text"', "hello", '{"data": []}'])
def test_a_file_without_records_is_refused(tmp_path, text):
    path = tmp_path / "bill.json"
    path.write_text(text)
    with pytest.raises(RefusedDelivery, match=r"no JSON records|not readable JSON"):
        converted(path, records=("data",))


def test_a_shard_without_records_does_not_stop_the_others(house):
    """BigQuery writes as many shards as it likes, some of them empty."""
    folder = house.folder / "in"
    folder.mkdir()
    row = {
        "billing_account_id": "A",
        "service": {"id": "S", "description": "Compute Engine"},
        "sku": {"id": "1", "description": "N1 core"},
        "usage_start_time": "2026-05-01 00:00:00 UTC",
        "usage_end_time": "2026-05-01 01:00:00 UTC",
        "export_time": "2026-05-01 05:00:00 UTC",
        "cost": 1.5,
        "currency": "USD",
        "cost_type": "regular",
        "invoice": {"month": "202605"},
    }
    (folder / "bill-000000000000.jsonl").write_text(json.dumps(row) + "\n")
    (folder / "bill-000000000001.jsonl").write_text("")
    house.export("bills", "gcp_billing_export", f"{folder}/")
    assert not house.land().refusals
    assert house.query(
        "select drift_kind, file_path from raw_ops.drift where drift_kind = 'empty_file'"
    ) == [("empty_file", "bill-000000000001.jsonl")]
    assert house.query("select sum(landed_cost) from raw_ops.delivery_totals")[0][0] == 1.5
