"""A refused delivery changes no billing period, and is in the published file all the same."""

from __future__ import annotations

import gzip
import shutil

from orchestration.exports.config import load_exports
from orchestration.pipeline import run_pipeline
from tests.warehouse.warehouse import Warehouse, published


def open_refusals(home) -> list[tuple]:
    with published(home / "published" / "ai_finops.duckdb") as connection:
        return connection.execute(
            "select source_name, file_path from quality.refusals where is_open"
        ).fetchall()


def test_a_refusal_is_published_and_goes_when_it_is_mended(built_home, tmp_path):
    home = Warehouse(built_home.home).copy_to(tmp_path / "home").home
    estate = shutil.copytree(built_home.estate, tmp_path / "estate")
    named = estate / "exports.yml"
    before = named.read_text()
    cut = gzip.compress(b"lineItem/UsageAmount\n" * 5000)[:-20]
    (estate / "exports" / "cut").mkdir()
    (estate / "exports" / "cut" / "bill.csv.gz").write_bytes(cut)
    named.write_text(before + "  - {name: cut, kind: aws_cur_legacy, location: ./exports/cut/}\n")

    refused = run_pipeline(load_exports(named), home)
    assert [entry.source_name for entry in refused.landing.refusals] == ["cut"]
    assert refused.build.rebuilt == []
    assert set(refused.build.timings) == {"models/quality/refusals.sql"}
    assert open_refusals(home) == [("cut", "bill.csv.gz")]
    assert run_pipeline(load_exports(named), home).build.skipped

    named.write_text(before)
    assert run_pipeline(load_exports(named), home).build.ok
    assert open_refusals(home) == []
