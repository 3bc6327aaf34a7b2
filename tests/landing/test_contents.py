"""Contents (prompts, completions) are counted and nowhere: not landed, held back or logged."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from orchestration.exports import kinds
from orchestration.exports.headers import HeaderDialect
from tests.landing.conftest import House

SCHEMA = """column,role,required,legacy_name,aliases,formats,meaning,source
usage_date,timestamp,yes,,,,day of the call,a log of requests
driver,text,yes,,,,what is counted,a log of requests
team,text,no,,,,team that called,a log of requests
project,text,no,,,,project that called,a log of requests
quantity,quantity,yes,,,,calls,a log of requests
prompt,content,no,,messages,,what was asked,a log of requests
"""
SECRET = "how ill is Ada Byron"
ROW = {"usage_date": "2026-05-01", "driver": "requests", "team": "assistant", "project": "p"}
ROWS = [
    ROW | {"quantity": "1", "prompt": SECRET},
    ROW | {"driver": "tokens", "quantity": "many", "prompt": SECRET},
    ROW | {"driver": "pages", "quantity": "2", "prompt": None},
]


@pytest.fixture
def log(house: House, monkeypatch) -> Path:
    """The folder of a kind whose schema, unlike those that ship, declares a content."""
    schema = str(house.folder / "request_log")
    Path(f"{schema}.csv").write_text(SCHEMA)
    usual = kinds.KINDS["usage_drivers_csv"]
    dataset = replace(
        usual.datasets[0], schema=schema, dialect=HeaderDialect(schema, slash_names=False)
    )
    monkeypatch.setitem(
        kinds.KINDS, "usage_drivers_csv", replace(usual, datasets=(dataset,), section="exports")
    )
    view = ("raw_usage", "drivers")
    from orchestration.exports import raw_views

    monkeypatch.setitem(raw_views.RAW_VIEWS, view, schema)
    house.export("log", "usage_drivers_csv", "./in")
    (house.folder / "in").mkdir()
    return house.folder / "in"


def _everything(folder: Path) -> bytes:
    """All bytes below a folder, with what Parquet files hold written out."""
    found = b""
    for path in folder.rglob("*"):
        if path.is_file():
            found += path.read_bytes()
            if path.suffix == ".parquet":
                found += repr(duckdb.sql(f"from '{path}'").fetchall()).encode()
    return found


def _csv(folder: Path) -> None:
    lines = ["usage_date,driver,team,project,quantity,prompt"]
    lines += [",".join(value or "" for value in row.values()) for row in ROWS]
    lines.insert(2, f'2026-05-01,calls,assistant,p,1,"{SECRET}",one,too,many')
    (folder / "log.csv").write_text("\n".join(lines) + "\n")


def _json(folder: Path) -> None:
    rows = [row | {"messages": [{"role": "user", "content": row["prompt"]}]} for row in ROWS[:2]]
    for row in rows:
        del row["prompt"]
    rows.append({name: value for name, value in ROWS[2].items() if name != "prompt"})
    lines = [*map(json.dumps, rows)]
    lines.insert(1, f"no json: {SECRET}")
    text = "\n".join(lines) + "\n"
    (folder / "log.jsonl.gz").write_bytes(gzip.compress(text.encode()))


def _parquet(folder: Path) -> None:
    rows = ", ".join(
        "(" + ", ".join("null" if v is None else f"'{v}'" for v in row.values()) + ")"
        for row in ROWS
    )
    duckdb.sql(f"select * from (values {rows}) t ({', '.join(ROWS[0])})").write_parquet(
        str(folder / "log.parquet")
    )


@pytest.mark.parametrize("deliver", [_csv, _json, _parquet])
def test_contents_are_counted_and_nowhere_else(house, log, deliver):
    deliver(log)
    report = house.land()
    assert not report.refusals, report.refusals
    rows = house.query("select driver, quantity, prompt from raw_usage.drivers order by 1")
    # As JSON the whole list of messages is the content.
    characters = len(SECRET) if deliver is not _json else rows[1][2]
    assert [(driver, prompt) for driver, _, prompt in rows] == [
        ("pages", None),
        ("requests", characters),
    ]
    assert characters >= len(SECRET)
    held_back = house.query("select reason, raw_text from raw_ops.quarantined_rows")
    assert len(held_back) == (1 if deliver is _parquet else 2)
    assert SECRET.encode() in _everything(log) or deliver is _json
    assert SECRET.encode() not in _everything(house.home)
    assert b"Byron" not in _everything(house.home)


def test_a_content_in_a_nested_column_is_refused(house, log):
    duckdb.sql("""
        select '2026-05-01' as usage_date, 'r' as driver, 't' as team, '1' as quantity,
            {'text': 'Ada', 'size': 1} as request
    """).write_parquet(str(log / "log.parquet"))
    schema = house.folder / "request_log.csv"
    schema.write_text(
        schema.read_text().replace("prompt,content,no,,messages", "prompt,content,no,,request.text")
    )
    assert "inside a nested column" in house.refused()
    assert b"Ada" not in _everything(house.home)
