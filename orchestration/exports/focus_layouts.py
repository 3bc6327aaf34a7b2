"""How native FOCUS exports arrive: AWS Data Exports, month folders, loose files.

FOCUS says nothing about folders, so each provider's own layout is read as its other exports are.
Where a location holds several datasets, folder or file names tell them apart, else their columns.
"""

from __future__ import annotations

import re
from dataclasses import replace

from orchestration.exports import aws_layouts
from orchestration.exports.deliveries import Delivery, Discovery
from orchestration.exports.filesystem import Location

MONTH_FOLDER = re.compile(r"billing_period=\d{4}-\d{2}", re.IGNORECASE)
#: Letters of a name that tell the dataset; the first that is found counts.
NAMES = (
    ("costandusage", "cost_and_usage"),
    ("contractcommitment", "contract_commitment"),
    ("invoicedetail", "invoice_detail"),
    ("billingperiod", "billing_period"),
)


def discover(location: Location) -> Discovery:
    """Deliveries of all layouts below the location."""
    found = aws_layouts.discover_data_exports(location)
    found.deliveries = [part for whole in found.deliveries for part in _by_dataset(whole)]
    return found


def named_table(path: str) -> str | None:
    """The dataset that the names in a path tell, month folders aside; None where they do not."""
    letters = re.sub(r"[^a-z]", "", MONTH_FOLDER.sub("", path).lower())
    return next((table for name, table in NAMES if name in letters), None)


def _by_dataset(delivery: Delivery) -> list[Delivery]:
    """A month folder's delivery, or several where its files are named for several datasets."""
    if delivery.billing_period is None:
        return [delivery]
    tables = {named_table(file.path) for file in delivery.files}
    if len(tables) < 2:
        return [replace(delivery, table=next(iter(tables), None))]
    return [
        replace(
            delivery,
            label=f"{delivery.label} {table or 'other files'}",
            files=tuple(file for file in delivery.files if named_table(file.path) == table),
            table=table,
        )
        for table in sorted(tables, key=str)
    ]
