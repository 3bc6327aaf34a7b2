"""Each conformance rule is seen to fail on a planted row, and to pass on healthy ones.

The rules run as the build runs them: the models are built by dbt over a planted cost table.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from orchestration.project import ROOT, prepare_environment
from tests.project.planted_breaks import breaks
from tests.project.planted_charges import EVERY_CHARGE, HEALTHY_CHARGES, HEALTHY_SOURCE
from tests.project.planted_records import (
    HEALTHY_RECORDS,
    record_break,
    record_rules,
    record_statements,
)
from tests.warehouse.warehouse import Warehouse

MODELS = [
    "conformance_by_period",
    "conformance_keys",
    "conformance_shapes",
    "conformance_records",
    "conformance_results",
    "conformance",
    "conformance_score",
    "focus_export_cost_and_usage",
]
BREAKS = breaks()
TABLE_RULES = {
    f"{dataset}columns.{rule}"
    for dataset in ("", *(f"{model}." for model in HEALTHY_RECORDS))
    for rule in ("complete", "typed", "own_prefix")
}
RECORD_RULES = record_rules()

# What the official validator lets pass (its nine blind spots), and the rules that do not.
BLIND_SPOTS = {
    "value outside an enumeration among valid ones": (
        "charge_category = 'foo', service_category = 'AI'",
        "x_source_row = 1",
        {"charge_category.allowed", "service_category.allowed"},
    ),
    "list cost that is not price times quantity": (
        "list_cost = list_cost + 1",
        "charge_class is null and list_unit_price is not null",
        {"list_cost.price_times_quantity"},
    ),
    "contracted cost that is not price times quantity": (
        "contracted_cost = contracted_cost + 1",
        "charge_class is null and contracted_unit_price is not null",
        {"contracted_cost.price_times_quantity"},
    ),
    "charge that ends before it starts": (
        "charge_period_end = charge_period_start - interval 1 hour",
        "x_source_row = 1",
        {"charge_period_end.after_start"},
    ),
    "nested tags": (
        """tags = map {'team': '{"name": "vision", "lead": {"id": 1}}'}""",
        "x_source_row = 1",
        {"tags.no_nested_value"},
    ),
    "empty text": ("invoice_id = ''", "x_source_row = 1", {"text_columns.no_placeholder"}),
    "placeholder text": (
        "sub_account_name = 'Not Applicable'",
        "sub_account_name is not null",
        {"text_columns.no_placeholder"},
    ),
    "effective cost ten times too high on all rows": (
        "effective_cost = effective_cost * 10",
        "true",
        {"effective_cost.equals_billed_cost", "effective_cost.not_above_contracted_cost"},
    ),
}

# A provider that publishes no prices.
NO_PRICES = "no public prices"


def plant_charges(warehouse: Warehouse, manifest: dict[str, Any]) -> None:
    """Write focus.cost_and_usage with one healthy source and one source per broken rule."""
    contract = manifest["nodes"]["model.ai_finops.cost_and_usage"]["columns"]
    types = {column["name"]: column["data_type"] for column in contract.values()}
    statements = [
        "create schema if not exists ai_finops.focus",
        "create schema if not exists ai_finops.quality",
        "create table ai_finops.focus.cost_and_usage ("
        + ", ".join(f"{name} {kind}" for name, kind in types.items())
        + ")",
        "create table ai_finops.quality.ledger (source_name varchar, provider varchar)",
    ]
    sources = {HEALTHY_SOURCE: (None, {})}
    sources |= {rule: (charge, changes) for rule, (charge, changes, _) in BREAKS.items()}
    sources |= {name: (None, {}) for name in (*BLIND_SPOTS, "twice the same rows", NO_PRICES)}
    rows = []
    for source, (broken, changes) in sources.items():
        for number, (name, charge) in enumerate(HEALTHY_CHARGES.items(), start=1):
            values = EVERY_CHARGE | charge | {"x_source_row": str(number)}
            values |= {"x_source_name": f"'{source}'"} | (changes if name == broken else {})
            assert not values.keys() - types.keys(), values.keys() - types.keys()
            rows.append("(" + ", ".join(values.get(column, "null") for column in types) + ")")
    statements.append("insert into ai_finops.focus.cost_and_usage values " + ", ".join(rows))
    for source, (change, where, _) in BLIND_SPOTS.items():
        statements.append(
            f"update ai_finops.focus.cost_and_usage set {change} "
            f"where x_source_name = '{source}' and {where}"
        )
    statements.append(
        "insert into ai_finops.focus.cost_and_usage select * from ai_finops.focus.cost_and_usage "
        "where x_source_name = 'twice the same rows'"
    )
    statements.append(
        "update ai_finops.focus.cost_and_usage set list_unit_price = null, "
        f"pricing_currency_list_unit_price = null where x_source_name = '{NO_PRICES}'"
    )
    statements.append(
        "insert into ai_finops.quality.ledger "
        "select distinct x_source_name, 'planted' from ai_finops.focus.cost_and_usage"
    )
    statements += record_statements(manifest, RECORD_RULES)
    statements.append(
        "insert into ai_finops.quality.ledger values "
        + ", ".join(f"('{rule}', 'planted')" for rule in RECORD_RULES)
    )
    statements.append(
        "alter table ai_finops.quality.ledger add column source_kind varchar default 'aws_cur_2'"
    )
    warehouse.execute(*statements)


@pytest.fixture(scope="module")
def planted(
    manifest: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Warehouse]:
    before = os.environ.get("AI_FINOPS_HOME")
    home = prepare_environment(tmp_path_factory.mktemp("conformance"))
    warehouse = Warehouse(home)
    plant_charges(warehouse, manifest)
    warehouse.dbt("seed", "--select", "focus_columns", "focus_service_subcategories")
    statuses = warehouse.dbt("run", "--full-refresh", "--select", *MODELS)
    assert set(statuses.values()) == {"success"}, statuses
    yield warehouse
    if before is None:
        os.environ.pop("AI_FINOPS_HOME", None)
    else:
        os.environ["AI_FINOPS_HOME"] = before


@pytest.fixture(scope="module")
def failing(planted: Warehouse) -> dict[str, dict[str, int]]:
    """Rows failing by source and rule."""
    found: dict[str, dict[str, int]] = {}
    for source, rule, rows in planted.rows(
        "select source_name, rule_id, rows_failing from ai_finops.quality.conformance"
    ):
        found.setdefault(source, {})
        if rows:
            found[source][rule] = rows
    return found


def test_healthy_charges_break_no_rule(failing: dict[str, dict[str, int]]) -> None:
    assert failing[HEALTHY_SOURCE] == {}


def test_healthy_charges_are_asked_every_rule(planted: Warehouse) -> None:
    unasked = planted.rows(
        "select rule_id from ai_finops.quality.conformance "
        f"where source_name = '{HEALTHY_SOURCE}' and rows_checked = 0"
    )
    assert unasked == []


def test_every_rule_has_a_planted_error(planted: Warehouse) -> None:
    rules = {rule for (rule,) in planted.rows("select rule_id from ai_finops.quality.conformance")}
    assert rules == set(BREAKS) | set(RECORD_RULES) | TABLE_RULES


@pytest.mark.parametrize("rule", BREAKS)
def test_a_planted_error_breaks_its_rule(rule: str, failing: dict[str, dict[str, int]]) -> None:
    _, _, also = BREAKS[rule]
    assert set(failing[rule]) == {rule} | also


@pytest.mark.parametrize("rule", RECORD_RULES)
def test_a_planted_record_breaks_its_rule(rule: str, failing: dict[str, dict[str, int]]) -> None:
    assert set(failing[rule]) == {rule} | record_break(rule)[1]


def test_an_example_names_the_broken_row(planted: Warehouse) -> None:
    ((example,),) = planted.rows(
        "select example from ai_finops.quality.conformance "
        "where source_name = rule_id and rule_id = 'billed_cost.zero_when_unused'"
    )
    assert example == "part-1.parquet row 3 unused_commitment"


@pytest.mark.parametrize("spot", BLIND_SPOTS)
def test_blind_spots_of_the_official_validator_are_seen(
    spot: str, failing: dict[str, dict[str, int]]
) -> None:
    _, _, rules = BLIND_SPOTS[spot]
    assert rules <= set(failing[spot])


def test_repeated_rows_are_seen(failing: dict[str, dict[str, int]]) -> None:
    assert failing["twice the same rows"]["row.unique"] == 2 * len(HEALTHY_CHARGES)


def test_what_a_source_never_has_is_not_asked_of_it(planted: Warehouse) -> None:
    query = """
        select rows_checked, rows_failing, example from ai_finops.quality.conformance
        where source_name = '{}' and rule_id = 'list_unit_price.not_null_when_sold'
    """
    assert planted.rows(query.format(NO_PRICES)) == [(0, 0, None)]
    ((asked, failing, _),) = planted.rows(query.format("list_unit_price.not_null_when_sold"))
    assert (asked > 5, failing) == (True, 1)


def test_every_wrong_product_is_counted(failing: dict[str, dict[str, int]]) -> None:
    priced = [
        charge
        for charge in HEALTHY_CHARGES.values()
        if "list_unit_price" in charge and "charge_class" not in charge
    ]
    wrong = failing["list cost that is not price times quantity"]
    assert wrong["list_cost.price_times_quantity"] == len(priced)


def test_the_score_counts_rules_that_no_row_breaks(planted: Warehouse) -> None:
    planted_rules = planted.rows(
        "select requirement_level, count(distinct rule_id) from ai_finops.quality.conformance "
        "where dataset = 'Cost and Usage' group by all order by all"
    )
    scores = planted.rows(
        "select requirement_level, rules, rules_passed, score "
        "from ai_finops.quality.conformance_score where dataset = 'Cost and Usage' order by all"
    )
    # All sources are one provider here, so only the rules about columns are never broken.
    must, should = (rules for _, rules in planted_rules)
    assert scores == [("MUST", must, 3, 3 / must), ("SHOULD", should, 0, 0.0)]


def test_the_documentation_counts_the_rules(planted: Warehouse) -> None:
    counts = dict(
        planted.rows(
            "select dataset = 'Cost and Usage', count(distinct rule_id) "
            "from ai_finops.quality.conformance group by all"
        )
    )
    text = (ROOT / "docs" / "conformance.md").read_text()
    by_family = [int(count) for count in re.findall(r"^\| [\w ]+ \| (\d+) \|", text, re.MULTILINE)]
    assert sum(by_family) == counts[True]
    assert f"Cost and Usage has {counts[True]} rules" in text
    assert f"have {counts[False]} rules" in text


def test_the_export_reads_json_and_survives_what_is_none(planted: Warehouse) -> None:
    query = """
        select SkuPriceDetails->>'GpuCount', Tags->>'team', typeof(ContractApplied)
        from ai_finops.focus_export.cost_and_usage
        where x_SourceName = '{}' and ResourceName = 'trainer-1' and x_SourceRow = 1
    """
    assert planted.rows(query.format(HEALTHY_SOURCE)) == [("8", "vision", "JSON")]
    broken = query.format("sku_price_details.json_object")
    assert planted.rows(broken) == [(None, "vision", "JSON")]


def test_a_mapping_that_changes_quantities_fails_the_build(
    planted: Warehouse, tmp_path: Path
) -> None:
    """Those of FOCUS exports are the provider's own."""
    law = "assert_quantities_agree"
    changed = planted.copy_to(tmp_path / "home")
    assert changed.dbt("test", "--select", law) == {law: "fail"}
    changed.execute("update ai_finops.quality.ledger set source_kind = 'focus'")
    assert changed.dbt("test", "--select", law) == {law: "pass"}


def test_a_foreign_and_a_missing_column_are_seen(planted: Warehouse, tmp_path: Path) -> None:
    changed = planted.copy_to(tmp_path / "home")
    changed.execute(
        "alter table ai_finops.focus.cost_and_usage add column team varchar",
        "alter table ai_finops.focus.cost_and_usage drop column invoice_detail_id",
        "alter table ai_finops.focus.cost_and_usage alter column list_cost type varchar",
    )
    changed.dbt("run", "--select", "conformance_shapes", "conformance")
    assert changed.rows(
        "select rule_id, rows_checked, rows_failing, example from ai_finops.quality.conformance "
        f"where source_name = '{HEALTHY_SOURCE}' and rule_id like 'columns.%' order by all"
    ) == [
        ("columns.complete", 65, 1, "invoice_detail_id"),
        ("columns.own_prefix", 30, 1, "team"),
        ("columns.typed", 64, 1, "list_cost holds a text"),
    ]
