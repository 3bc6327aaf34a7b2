"""SQL over one local file: its relation, and expressions for the declared columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from orchestration.exports.headers import LandedColumn
from orchestration.exports.kinds.base import Column, Dataset
from orchestration.exports.schemas import ROLE_TYPES, declared_columns, literal, typed
from orchestration.exports.workspace import parquet_relation

if TYPE_CHECKING:
    from orchestration.exports.reading import LocalFile

COST_SCALE = 16
NO_COST = f"cast(0 as {ROLE_TYPES['cost']})"


def names_of(column: Column | None) -> tuple[str, ...]:
    """The declared columns that a control column names, first choice first."""
    if column is None:
        return ()
    return (column,) if isinstance(column, str) else column


class FileSql:
    """SQL over one local file. `account` is the billing account of rows that name none; `options`
    are what else its entry of exports.yml says."""

    def __init__(
        self,
        dataset: Dataset,
        local: LocalFile,
        account: str | None = None,
        options: Mapping[str, str] | None = None,
    ) -> None:
        self.dataset = dataset
        self.control = dataset.control
        self.local = local
        self.account = account
        self.options = options or {}
        self.declared = {column.name: column for column in declared_columns(dataset.schema)}
        self.point_to(local.parquet)

    def point_to(self, parquet: Path) -> None:
        """Read this file from now on."""
        self.relation = parquet_relation(parquet, numbered=True)

    def columns(self, target: str) -> list[LandedColumn]:
        """Delivered columns that fill a declared one."""
        return self.local.header.by_target(target)

    def value(self, column: Column | None, missing: str = "varchar") -> str:
        """Typed value of the declared column (or the first filled one of several); NULL where it
        is not delivered or does not cast."""
        targets = names_of(column)
        role = self.declared[targets[0]].role if targets else None
        found = [
            typed(
                landed.sql,
                landed.sql_type,
                self.declared[target].role,
                forgiving=True,
                time_format=landed.time_format,
            )
            for target in targets
            for landed in self.columns(target)
        ]
        return _coalesced(found, ROLE_TYPES[role] if role else missing)

    def text(self, column: Column | None) -> str:
        """The declared column's value as text, as delivered."""
        found = [
            f"nullif(cast({landed.sql} as varchar), '')"
            for target in names_of(column)
            for landed in self.columns(target)
        ]
        return _coalesced(found, "varchar")

    def present(self, column: Column) -> str:
        """NULL where the declared column has no value or empty text, whatever its type."""
        found = [
            f"nullif({landed.sql}, '')" if landed.sql_type == "VARCHAR" else landed.sql
            for target in names_of(column)
            for landed in self.columns(target)
        ]
        if column == self.control.billing_account and self.account:
            found.append(literal(self.account))
        # Several spellings may have several types; counting needs none of them.
        return _coalesced([f"({value} is not null or null)" for value in found], "boolean")

    def period(self) -> str:
        """'YYYY-MM' of the row's billing period, NULL where it cannot be read."""
        return f"strftime({self.value(self.control.period)}, '%Y-%m')"

    def billing_account(self) -> str:
        """The row's billing account, or the one that exports.yml states where it names none."""
        value = self.value(self.control.billing_account)
        return f"coalesce({value}, {literal(self.account)})" if self.account else value

    def usage_account(self) -> str:
        """The row's usage account."""
        return self.value(self.control.usage_account)

    def currency(self) -> str:
        """The row's currency."""
        return self.value(self.control.currency)

    def cost(self) -> str:
        """The row's control cost as DECIMAL(38,16), NULL where it cannot be read."""
        if self.control.cost is None:
            return NO_COST
        value = self.value(self.control.cost)
        if self.control.extra_cost is None:
            return value
        return f"cast({value} + {self.control.extra_cost(self)} as {ROLE_TYPES['cost']})"

    def cost_beyond(self) -> str:
        """What rounding the cost to 16 decimals takes away; NULL where it takes nothing."""
        if self.control.cost is None:
            return "cast(null as decimal(38,24))"
        text = self.text(self.control.cost)
        value = self.value(self.control.cost)
        finer = f"try_cast({text} as decimal(38,24)) - try_cast({value} as decimal(38,24))"
        # 17 characters hold at most 16 decimals: longer text is rare and the second cast is dear.
        return (
            f"case when length({text}) > {COST_SCALE + 1} or {text} ilike '%e%' "
            f"then nullif({finer}, 0) end"
        )


def _coalesced(expressions: Iterable[str], sql_type: str) -> str:
    found = list(expressions)
    if not found:
        return f"cast(null as {sql_type})"
    return found[0] if len(found) == 1 else f"coalesce({', '.join(found)})"
