"""How native FOCUS exports arrive: AWS Data Exports, Azure export runs, month folders, loose files.

FOCUS says nothing about folders, so each provider's own layout is read as its other exports are.
Where a location holds several datasets, folder or file names tell them apart, else their columns.
"""

from __future__ import annotations

import re
from dataclasses import replace

from orchestration.exports import aws_layouts, azure_layouts
from orchestration.exports.deliveries import Delivery, Discovery
from orchestration.exports.filesystem import Location, SourceFile

#: exportConfig.type of Azure manifests, in lower case, and the dataset it fills.
AZURE_TYPES = {"focuscost": "cost_and_usage"}
MONTH_FOLDER = re.compile(r"billing_period=\d{4}-\d{2}", re.IGNORECASE)
#: Letters of a name that tell the dataset; the first that is found counts.
NAMES = (
    ("costandusage", "cost_and_usage"),
    ("contractcommitment", "contract_commitment"),
    ("invoicedetail", "invoice_detail"),
    ("billingperiod", "billing_period"),
)


class _Part(Location):
    """Some of a location's files, seen as a location."""

    def __init__(self, whole: Location, files: list[SourceFile]) -> None:
        self.__dict__.update(whole.__dict__)
        self._files = files

    def files(self) -> list[SourceFile]:
        """The files of this part, as they were listed once for the whole."""
        return self._files


def discover(location: Location) -> Discovery:
    """Deliveries of all layouts below the location."""
    files = location.files()
    runs = [file for file in files if azure_layouts.MONTH.match(file.path)]
    found = aws_layouts.discover_data_exports(
        _Part(location, [file for file in files if file not in set(runs)])
    )
    found.deliveries = [part for whole in found.deliveries for part in _by_dataset(whole)]
    if runs:
        azure = azure_layouts.discover(_Part(location, runs), AZURE_TYPES, named_table)
        found.deliveries += azure.deliveries
        found.problems += azure.problems
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
