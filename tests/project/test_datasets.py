"""Contract Commitment, Invoice Detail, Billing Period and the reporting view keep to FOCUS 1.4."""

from __future__ import annotations

import csv
from typing import Any

import pytest

from orchestration.project import ROOT

DATASETS = {
    "contract_commitment": ("ContractCommitment", 30),
    "invoice_detail": ("InvoiceDetail", 22),
    "billing_period": ("BillingPeriod", 6),
}
REPORTING = [
    "x_reporting_currency",
    "x_exchange_rate",
    "x_reporting_billed_cost",
    "x_reporting_effective_cost",
    "x_reporting_list_cost",
    "x_reporting_contracted_cost",
]
TYPES = {
    "String": "string",
    "JSON": "string",
    "Date/Time": "timestamp",
    "Decimal": "decimal(38,12)",
}


def focus_columns(dataset: str) -> dict[str, dict[str, str]]:
    with (ROOT / "seeds" / "focus" / "focus_columns.csv").open(newline="") as rows:
        return {
            row["column_name"]: row for row in csv.DictReader(rows) if row["dataset"] == dataset
        }


def contract(manifest: dict[str, Any], model: str) -> list[tuple[str, str, str]]:
    columns = manifest["nodes"][f"model.ai_finops.{model}"]["columns"].values()
    return [(column["name"], column["data_type"], column["description"]) for column in columns]


def spelled(name: str, columns: dict[str, dict[str, str]]) -> str:
    if name in columns:
        return columns[name]["column_id"]
    return "x_" + "".join(word.capitalize() for word in name[2:].split("_"))


@pytest.mark.parametrize("model", DATASETS)
def test_a_dataset_has_the_columns_of_focus_then_ours(manifest, model):
    dataset, width = DATASETS[model]
    columns = focus_columns(dataset)
    found = contract(manifest, model)
    assert len(columns) == width
    assert [name for name, _, _ in found[:width]] == list(columns)
    assert all(name.startswith("x_") for name, _, _ in found[width:])
    expected = {
        name: "decimal(38,16)" if name.endswith("_cost") else TYPES[row["data_type"]]
        for name, row in columns.items()
    }
    assert {name: kind for name, kind, _ in found[:width]} == expected


@pytest.mark.parametrize("model", DATASETS)
def test_its_export_has_them_in_specification_spelling(manifest, model):
    columns = focus_columns(DATASETS[model][0])
    json_columns = {name for name, row in columns.items() if row["data_type"] == "JSON"}
    expected = [
        (spelled(name, columns), "json" if name in json_columns else kind, description)
        for name, kind, description in contract(manifest, model)
    ]
    assert contract(manifest, f"focus_export_{model}") == expected


def test_the_reporting_view_has_every_column_of_the_charges_and_its_own(manifest):
    charges = contract(manifest, "cost_and_usage")
    reporting = contract(manifest, "cost_and_usage_reporting")
    assert reporting[: len(charges)] == charges
    assert [name for name, _, _ in reporting[len(charges) :]] == REPORTING
