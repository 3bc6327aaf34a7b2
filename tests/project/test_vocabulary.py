"""The FOCUS contract, its export and the vocabulary agree with each other."""

from __future__ import annotations

import ast
import csv
import re
from typing import Any

import duckdb
import jinja2
import pytest

from orchestration.project import ROOT

JSON_TYPES = {"map(varchar, varchar)", "json"}


def seed(name: str) -> list[dict[str, str]]:
    with (ROOT / "seeds" / "focus" / f"{name}.csv").open(newline="") as rows:
        return list(csv.DictReader(rows))


def cost_and_usage_columns() -> dict[str, dict[str, str]]:
    return {
        row["column_name"]: row for row in seed("focus_columns") if row["dataset"] == "CostAndUsage"
    }


def contract(manifest: dict[str, Any], model: str) -> list[tuple[str, str, str]]:
    columns = manifest["nodes"][f"model.ai_finops.{model}"]["columns"].values()
    return [(column["name"], column["data_type"], column["description"]) for column in columns]


def macro_literal(name: str) -> Any:
    """What a macro without arguments returns, where that is a literal."""
    text = (ROOT / "macros" / "focus" / "conformance_vocabulary.sql").read_text()
    (literal,) = re.findall(
        rf"macro {name}\(\) %}}\s*{{{{ return\((.*?)\) }}}}", text, flags=re.DOTALL
    )
    return ast.literal_eval(literal)


def test_the_contract_has_the_columns_of_focus_then_ours(manifest: dict[str, Any]) -> None:
    names = [name for name, _, _ in contract(manifest, "cost_and_usage")]
    focus = list(cost_and_usage_columns())
    assert names[: len(focus)] == focus
    assert len(focus) == 65
    assert all(name.startswith("x_") for name in names[len(focus) :])


def test_the_contract_has_the_types_of_focus(manifest: dict[str, Any]) -> None:
    wrong = []
    for name, kind, _ in contract(manifest, "cost_and_usage"):
        row = cost_and_usage_columns().get(name)
        if row is None:
            continue
        expected = {
            "String": "string",
            "JSON": "map(varchar, varchar)" if "tags" in name else "string",
            "Date/Time": "timestamp",
            "Decimal": "decimal(38,12)",
        }[row["data_type"]]
        if name.endswith("_cost"):
            expected = "decimal(38,16)"
        if name.endswith("_unit_price"):
            expected = "decimal(38,18)"
        if kind != expected:
            wrong.append(f"{name}: {kind}, expected {expected}")
    assert wrong == []


def test_mappings_share_the_contract(manifest: dict[str, Any]) -> None:
    mappings = [
        node["name"]
        for node in manifest["nodes"].values()
        if re.fullmatch(
            r"models/focus/mappings/[a-z0-9_]+/focus_[a-z0-9_]+\.sql", node["original_file_path"]
        )
    ]
    assert mappings
    for mapping in mappings:
        assert contract(manifest, mapping) == contract(manifest, "cost_and_usage")


def test_the_export_has_the_contract_in_specification_spelling(manifest: dict[str, Any]) -> None:
    spelled = {name: row["column_id"] for name, row in cost_and_usage_columns().items()}
    json_columns = {n for n, row in cost_and_usage_columns().items() if row["data_type"] == "JSON"}
    expected = [
        (
            spelled.get(name) or "x_" + "".join(word.capitalize() for word in name[2:].split("_")),
            "json" if name in json_columns or kind in JSON_TYPES else kind,
            description,
        )
        for name, kind, description in contract(manifest, "cost_and_usage")
    ]
    assert contract(manifest, "focus_export_cost_and_usage") == expected


def test_the_rules_know_the_allowed_values() -> None:
    listed: dict[str, set[str]] = {}
    for row in seed("focus_allowed_values"):
        if row["dataset"] == "CostAndUsage" and row["column_name"] != "service_subcategory":
            listed.setdefault(row["column_name"], set()).add(row["value"])
    known = macro_literal("conformance_allowed_values")
    assert {column: set(values) for column, values in known.items()} == listed


def test_subcategories_are_the_allowed_ones() -> None:
    allowed = {
        row["value"]
        for row in seed("focus_allowed_values")
        if row["column_name"] == "service_subcategory"
    }
    assert {row["service_subcategory"] for row in seed("focus_service_subcategories")} == allowed
    assert len(allowed) == 82


def test_services_have_listed_classes_and_one_class_per_name() -> None:
    pairs = {
        (row["service_category"], row["service_subcategory"])
        for row in seed("focus_service_subcategories")
    }
    classes: dict[str, set[tuple[str, str]]] = {}
    for row in seed("focus_service_categories"):
        classes.setdefault(row["service_name"], set()).add(
            (row["service_category"], row["service_subcategory"])
        )
    assert {pair for found in classes.values() for pair in found} <= pairs
    assert {name for name, found in classes.items() if len(found) > 1} == set()


def test_units_carry_their_block() -> None:
    wrong = []
    for row in seed("focus_units"):
        block = int(row["block_size"])
        expected = row["consumed_unit"] if block == 1 else f"{block} {row['consumed_unit']}"
        if row["pricing_unit"] != expected or row["native_unit"] != row["native_unit"].lower():
            wrong.append(row)
    assert wrong == []


def is_focus_unit(unit: str) -> bool:
    """What the macro says, rendered as dbt renders it for DuckDB."""
    environment = jinja2.Environment()
    environment.globals["text_matches"] = lambda text, like: f"regexp_matches({text}, '{like}')"
    macro = (ROOT / "macros" / "focus" / "is_focus_unit.sql").read_text()
    sql = environment.from_string(macro + "{{ is_focus_unit('unit') }}").render()
    with duckdb.connect() as connection:
        return connection.execute(f"select {sql} from (select ? as unit)", [unit]).fetchone()[0]


@pytest.mark.parametrize(
    "unit",
    [
        "GB",
        "KiB",
        "Hours",
        "GB-Hours",
        "GiB-Months/Second",
        "1000 Tokens",
        "10 GB/Hour",
        "Units/3 Months",
        "Core-Hours/Day",
        "Normalized Hours",
        "USD",
    ],
)
def test_units_of_the_grammar_pass(unit: str) -> None:
    assert is_focus_unit(unit)


@pytest.mark.parametrize(
    "unit",
    [
        "Hrs",
        "hours",
        "GB-Mo",
        "GB Hours",
        "Gigabytes",
        "GBs",
        "1K tokens",
        "0 Tokens",
        "1.5 Hours",
        "GB-Hours-Days",
        "Requests ",
        "",
    ],
)
def test_other_spellings_of_units_do_not_pass(unit: str) -> None:
    assert not is_focus_unit(unit)


def test_units_of_the_vocabulary_pass() -> None:
    units = {
        row[column] for row in seed("focus_units") for column in ("pricing_unit", "consumed_unit")
    }
    assert {unit for unit in units if not is_focus_unit(unit)} == set()
