"""Healthy records of the narrow FOCUS data sets, and for each rule a change that breaks it."""

from __future__ import annotations

import csv
from typing import Any

from orchestration.project import ROOT
from tests.project.planted_charges import HEALTHY_SOURCE

START, END = "timestamp '2026-05-01'", "timestamp '2026-06-01'"
LATER = "timestamp '2026-07-01'"

# Values are SQL; {id} is replaced by a text of the record's own.
HEALTHY_RECORDS: dict[str, dict[str, str]] = {
    "contract_commitment": {
        "billing_currency": "'USD'",
        "contract_commitment_applicability": """'{"IsGlobalScope": true}'""",
        "contract_commitment_benefit_category": "'Discount'",
        "contract_commitment_category": "'Usage'",
        "contract_commitment_created": START,
        "contract_commitment_discount_percentage": "0.28",
        "contract_commitment_duration_type": "'1 Year'",
        "contract_commitment_fulfillment_interval": "'Hourly'",
        "contract_commitment_id": "'{id}'",
        "contract_commitment_last_updated": START,
        "contract_commitment_lifecycle_status": "'Active'",
        "contract_commitment_model": "'Continuous'",
        "contract_commitment_offer_category": "'Public'",
        "contract_commitment_payment_interval": "'Monthly'",
        "contract_commitment_payment_model": "'Partial Upfront'",
        "contract_commitment_payment_upfront_percentage": "0.5",
        "contract_commitment_period_end": END,
        "contract_commitment_period_start": START,
        "contract_commitment_quantity": "8760",
        "contract_commitment_type": "'Reserved Instance'",
        "contract_commitment_unit": "'Hours'",
        "contract_id": "'contract-1'",
        "contract_period_end": END,
        "contract_period_start": START,
        "invoice_issuer_name": "'AWS'",
        "pricing_currency": "'USD'",
        "service_provider_name": "'AWS'",
    },
    "invoice_detail": {
        "billed_cost": "10",
        "billing_account_id": "'000011112222'",
        "billing_currency": "'USD'",
        "billing_period_end": END,
        "billing_period_start": START,
        "charge_category": "'Usage'",
        "invoice_detail_created": LATER,
        "invoice_detail_grain": """'{"ServiceName": "Amazon S3"}'""",
        "invoice_detail_id": "'{id}'",
        "invoice_detail_last_updated": LATER,
        "invoice_id": "'INV-1'",
        "invoice_issue_date": LATER,
        "invoice_issue_status": "'Issued'",
        "invoice_issuer_name": "'AWS'",
        "payment_currency": "'EUR'",
        "payment_currency_billed_cost": "9",
        "payment_currency_invoice_detail_id": "'P-1'",
        "payment_terms": "'30 days'",
        "reference_invoice_id": "'INV-0'",
    },
    "billing_period": {
        "billing_period_created": START,
        "billing_period_end": END,
        "billing_period_last_updated": LATER,
        "billing_period_start": START,
        "billing_period_status": "'Closed'",
        "invoice_issuer_name": "'{id}'",
    },
}

# A promise to spend beside the one to use, and an invoice that is not issued yet.
VARIANTS: dict[str, dict[str, str]] = {
    "contract_commitment": {
        "contract_commitment_category": "'Spend'",
        "contract_commitment_cost": "1000",
        "contract_commitment_quantity": "null",
        "contract_commitment_unit": "null",
    },
    "invoice_detail": {"invoice_issue_date": "null", "invoice_issue_status": "'Open'"},
    "billing_period": {"billing_period_status": "'Open'"},
}

SPEND = VARIANTS["contract_commitment"]
# Changes of one record that break a rule; rules that cannot but break with it.
Change = tuple[dict[str, str], set[str]]
SPECIAL: dict[str, Change] = {
    "contract_commitment.billing_currency.iso_4217": ({"billing_currency": "'usd'"}, set()),
    "contract_commitment.contract_commitment_period_end.after_start": (
        {"contract_commitment_period_end": START},
        set(),
    ),
    "contract_commitment.contract_period_end.after_start": ({"contract_period_end": START}, set()),
    "contract_commitment.contract_commitment_discount_percentage.fraction": (
        {"contract_commitment_discount_percentage": "28"},
        set(),
    ),
    "contract_commitment.contract_commitment_payment_upfront_percentage.fraction": (
        {"contract_commitment_payment_upfront_percentage": "50"},
        set(),
    ),
    "contract_commitment.contract_commitment_unit.null_with_quantity": (
        {"contract_commitment_unit": "null"},
        set(),
    ),
    "contract_commitment.contract_commitment_unit.unit_format": (
        {"contract_commitment_unit": "'Hrs'"},
        set(),
    ),
    "contract_commitment.contract_commitment_cost.not_null_when_spend": (
        SPEND | {"contract_commitment_cost": "null"},
        set(),
    ),
    "contract_commitment.contract_commitment_quantity.not_null_when_usage": (
        {"contract_commitment_quantity": "null", "contract_commitment_unit": "null"},
        set(),
    ),
    "contract_commitment.contract_commitment_duration_type.format": (
        {"contract_commitment_duration_type": "'one year'"},
        set(),
    ),
    "contract_commitment.contract_commitment_applicability.json_object": (
        {"contract_commitment_applicability": "'global'"},
        set(),
    ),
    "invoice_detail.billing_currency.iso_4217": ({"billing_currency": "'usd'"}, set()),
    "invoice_detail.billing_period_end.after_start": ({"billing_period_end": START}, set()),
    "invoice_detail.invoice_issue_date.null_until_issued": (
        {"invoice_issue_status": "'Open'"},
        set(),
    ),
    "invoice_detail.invoice_detail_grain.json_object": (
        {"invoice_detail_grain": "'ServiceName'"},
        {"invoice_detail.invoice_detail_grain.no_nested_value"},
    ),
    "invoice_detail.invoice_detail_grain.no_nested_value": (
        {"invoice_detail_grain": """'{"ServiceName": ["Amazon S3"]}'"""},
        set(),
    ),
    "billing_period.billing_period_end.after_start": ({"billing_period_end": START}, set()),
}
UNIQUE = {
    "contract_commitment.contract_commitment_id.unique",
    "invoice_detail.invoice_detail_id.unique",
    "billing_period.billing_period_start.unique",
}
# What goes with a value that is taken away.
WITH_NULL = {
    "billing_period.billing_period_end.not_null": {"billing_period.billing_period_end.after_start"},
    "billing_period.billing_period_start.not_null": {
        "billing_period.billing_period_end.after_start"
    },
    "contract_commitment.contract_commitment_period_start.not_null": {
        "contract_commitment.contract_commitment_period_end.after_start"
    },
    "contract_commitment.contract_period_start.not_null": {
        "contract_commitment.contract_period_end.after_start"
    },
    "invoice_detail.billing_period_end.not_null": {"invoice_detail.billing_period_end.after_start"},
    "invoice_detail.billing_period_start.not_null": {
        "invoice_detail.billing_period_end.after_start"
    },
}


MODELS = {
    "ContractCommitment": "contract_commitment",
    "InvoiceDetail": "invoice_detail",
    "BillingPeriod": "billing_period",
}


def record_rules() -> list[str]:
    """The rules about records: what the facts of FOCUS 1.4 ask for, and the special ones."""
    found = sorted({*SPECIAL, *UNIQUE})
    for row in _seed("focus_columns"):
        if row["dataset"] in MODELS and row["allows_nulls"] == "false":
            found.append(f"{MODELS[row['dataset']]}.{row['column_name']}.not_null")
    for row in _seed("focus_allowed_values"):
        # Patterns (<n> Months) are no list of values.
        if row["dataset"] in MODELS and "<" not in row["value"]:
            found.append(f"{MODELS[row['dataset']]}.{row['column_name']}.allowed")
    return list(dict.fromkeys(found))


def _seed(name: str) -> list[dict[str, str]]:
    with (ROOT / "seeds" / "focus" / f"{name}.csv").open(newline="") as rows:
        return list(csv.DictReader(rows))


def record_break(rule: str) -> Change:
    """The change that breaks a rule about records, and the rules that break with it."""
    _, column, test = rule.split(".")
    if rule in UNIQUE:
        return {}, set()
    if rule in SPECIAL:
        return SPECIAL[rule]
    if test == "not_null":
        return {column: "null"}, WITH_NULL.get(rule, set())
    assert test == "allowed", rule
    return {column: "'Something else'"}, set()


def record_statements(manifest: dict[str, Any], rules: list[str]) -> list[str]:
    """SQL that plants a healthy source and, per rule, a source with one record that breaks it."""
    statements = []
    for model, healthy in HEALTHY_RECORDS.items():
        contract = manifest["nodes"][f"model.ai_finops.{model}"]["columns"].values()
        types = {column["name"]: column["data_type"] for column in contract}
        sources = "x_source_names" if "x_source_names" in types else "x_source_name"
        records = [(HEALTHY_SOURCE, healthy), (HEALTHY_SOURCE, healthy | VARIANTS[model])]
        for rule in rules:
            if rule.startswith(f"{model}.") and ".columns." not in rule:
                records += [(rule, healthy), (rule, healthy | record_break(rule)[0])]
        rows = []
        for number, (source, record) in enumerate(records):
            twin = source in UNIQUE
            values = record | {sources: f"'{source}'"}
            texts = [
                values.get(column, "null").replace("{id}", source if twin else f"record {number}")
                for column in types
            ]
            rows.append("(" + ", ".join(texts) + ")")
        columns = ", ".join(f"{name} {kind}" for name, kind in types.items())
        statements += [
            f"create table ai_finops.focus.{model} ({columns})",
            f"insert into ai_finops.focus.{model} values {', '.join(rows)}",
        ]
    return statements
