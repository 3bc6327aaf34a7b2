"""What landing knows about a kind of export: provider, tables, columns that it must understand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from orchestration.exports.deliveries import Discovery
from orchestration.exports.filesystem import Location
from orchestration.exports.headers import HeaderDialect

if TYPE_CHECKING:
    from orchestration.exports.columns import FileSql
    from orchestration.exports.preparing import Preparation

#: A declared column, or several of which the first filled one counts.
Column = str | tuple[str, ...]
#: What the cost of a dataset is good for: the bill itself, the same bill amortised, quantities
#: beside a bill, prices for bills, inventories that say whose the billed resources are, telemetry
#: and runs (what the billed resources did), or companions that hold no cost of their own.
COUNTS_AS = ("billed", "effective", "evidence", "prices", "inventory", "telemetry", "other")


@dataclass(frozen=True)
class ControlColumns:
    """Declared columns that landing reads: for totals, for coverage, and to tell parts apart.

    `filled` must have a value in every row; a row without one is quarantined. `row_key` tells rows
    of one month's loose files apart; ("*",) takes all declared columns, () lets files
    overlap, as scrapes do. With `sparse_key` a column
    of it that a file lacks is empty in all its rows, as in JSON. `extra_cost` gives SQL
    (DECIMAL(38,16)) that is added to `cost`; it is
    read from `extra_column` and NULL only where that cannot be read: such rows are quarantined.
    Without `strict_period` a month folder's rows may carry the date of another month.
    """

    period: Column
    billing_account: Column | None
    usage_account: Column | None
    currency: Column | None
    cost: Column | None
    row_key: tuple[str, ...]
    filled: tuple[str, ...]
    net_cost: str | None = None
    sparse_key: bool = False
    strict_period: bool = True
    extra_cost: Callable[[FileSql], str] | None = None
    extra_column: str | None = None

    @classmethod
    def of_records(cls, period: Column, filled: tuple[str, ...]) -> ControlColumns:
        """Of records without money. They may overlap, as scrapes, dumps and logs do: nothing is a
        repeat at landing, and models count each once."""
        return cls(period, None, None, None, None, (), filled, strict_period=False)


@dataclass(frozen=True)
class Dataset:
    """One table that a kind's deliveries fill.

    `table` is its folder below the source's raw folder; `view` the (schema, name) under which dbt
    reads it. Datasets of one declared schema may share a view.
    """

    table: str
    view: tuple[str, str]
    schema: str
    dialect: HeaderDialect
    control: ControlColumns
    counts_as: str = "billed"

    @classmethod
    def of_records(
        cls, subject: str, table: str, shape: str, period: str, filled: tuple[str, ...], hint: str
    ) -> Dataset:
        """Of records without money about a subject (runs, usage), delivered in schema `shape`."""
        return cls(
            table=table,
            view=(f"raw_{subject}", table),
            schema=f"{subject}_{table}",
            dialect=HeaderDialect(schema=shape, slash_names=False, wrong_kind_hint=hint),
            control=ControlColumns.of_records(period, filled),
            counts_as="telemetry",
        )


@dataclass(frozen=True)
class Kind:
    """Everything that landing knows about one kind of export.

    Which dataset a delivery fills is told by its manifest or path (`Delivery.table`), else by
    `by_header` (column names -> table), else by `by_content`: (table, SQL that is true for some
    row), the first that matches; else it is the first dataset. `records` are the arrays of a JSON
    envelope to unnest, outermost first. `prepare` rewrites a converted file before it is profiled.
    `additive`: each file adds rows to its months for good, and old files expire; a month is never
    landed again without a file that it was landed with. `as_of` names the day that the rows of an
    unchanged file depend on: another day, another look.
    `ask` queries a live system (a location such as http://... or sqlite:///...) and writes its
    answers into a folder, which is then landed as if they had been delivered there.
    `section` is where exports.yml lists it; `options` are the fields that its entries may have
    there, true where they must. A CSV file has the one of `delimiters` that its header has most.
    `collects` are the fields that `collect:` may have instead of a location, true where it must;
    empty where nothing collects it.
    """

    name: str
    provider: str
    datasets: tuple[Dataset, ...]
    discover: Callable[[Location], Discovery]
    by_header: Callable[[list[str]], str | None] | None = None
    by_content: Callable[[FileSql], list[tuple[str, str]]] | None = None
    records: tuple[str, ...] = ()
    prepare: Callable[[Preparation], None] | None = None
    additive: bool = False
    as_of: Callable[[], str] | None = None
    section: str = "exports"
    ask: Callable[[str, Path, Mapping[str, str]], None] | None = None
    options: Mapping[str, bool] = field(default_factory=dict)
    option_checks: Mapping[str, Callable[[str], tuple[str, str] | None]] = field(
        default_factory=dict
    )
    delimiters: tuple[str, ...] = (",",)
    collects: Mapping[str, bool] = field(default_factory=dict)

    def dataset(self, table: str) -> Dataset:
        """The dataset of that table; KeyError where the kind has none."""
        return {dataset.table: dataset for dataset in self.datasets}[table]

    def check_option(self, name: str, value: str) -> tuple[str, str] | None:
        """What is wrong with an option's value, and the remedy; None where nothing is."""
        check = self.option_checks.get(name)
        return check(value) if check else None
