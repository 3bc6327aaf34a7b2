"""Rate cards for tests: one line as a company would write it, and a file of such lines."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

Row = dict[str, Any]

CAPEX = {
    "capex_per_node": "310000",
    "residual_value_per_node": "31000",
    "depreciation_months": "48",
    "in_service_from": "2025-03-15",
    "power_kw_per_node": "7.1",
    "price_per_kwh": "0.11",
    "pue": "1.32",
    "space_per_month": "2400",
    "staff_per_month": "5200",
    "other_per_month": "1150",
}
FLAT = {"price_per_accelerator_hour": "0.95"}


def card_line(**changed: Any) -> Row:
    """A line of a card with a flat price, or with the parts that are given."""
    price = {} if changed.keys() & (CAPEX.keys() | FLAT.keys()) else FLAT
    return {
        "company": "Halden AI",
        "site": "osl",
        "cluster": "oslo-1",
        "node_pool": "h100",
        "machine_type": "DGX H100",
        "accelerator_model": "H100 80GB",
        "accelerators_per_node": "8",
        "nodes": "2",
        "currency": "USD",
        "valid_from": "2026-05-01",
        "valid_to": "",
        "accrue_through": "",
        "tag:team": "foundation",
        **price,
        **changed,
    }


def write_card(path: Path, *rows: Row) -> Path:
    """The lines as CSV; a column that one line lacks is empty in it."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as target:
        writer = csv.DictWriter(target, columns, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return path
