"""The views for consumers of earlier FOCUS versions have exactly the columns of those versions."""

from __future__ import annotations

import csv
from typing import Any

import pytest

from orchestration.project import ROOT

COUNTS = {"1.0": 43, "1.1": 50, "1.2": 57, "1.3": 65, "1.4": 65}


def members(version: str) -> list[str]:
    path = ROOT / "seeds" / "focus" / "focus_column_versions.csv"
    with path.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    return [row["column_id"] for row in rows if row[f"in_{version.replace('.', '_')}"] == "true"]


@pytest.mark.parametrize("version", COUNTS)
def test_each_version_has_its_number_of_columns(version: str) -> None:
    assert len(members(version)) == COUNTS[version]


@pytest.mark.parametrize("version", ["1.0", "1.2"])
def test_a_view_has_the_columns_of_its_version(manifest: dict[str, Any], version: str) -> None:
    name = f"focus_export_cost_and_usage_{version.replace('.', '_')}"
    columns = manifest["nodes"][f"model.ai_finops.{name}"]["columns"]
    assert [column["name"] for column in columns.values()] == members(version)


@pytest.mark.parametrize("version", ["1.0", "1.2"])
def test_a_view_has_the_types_of_the_export(manifest: dict[str, Any], version: str) -> None:
    export = manifest["nodes"]["model.ai_finops.focus_export_cost_and_usage"]["columns"]
    types = {column["name"]: column["data_type"] for column in export.values()}
    name = f"focus_export_cost_and_usage_{version.replace('.', '_')}"
    columns = manifest["nodes"][f"model.ai_finops.{name}"]["columns"].values()
    assert {
        column["name"]: column["data_type"]
        for column in columns
        if column["name"] not in ("ProviderName", "PublisherName")
        and column["data_type"] != types[column["name"]]
    } == {}


def test_the_seed_agrees_with_the_contract_on_1_4(manifest: dict[str, Any]) -> None:
    export = manifest["nodes"]["model.ai_finops.focus_export_cost_and_usage"]["columns"]
    focus = [column["name"] for column in export.values() if not column["name"].startswith("x_")]
    assert members("1.4") == focus
