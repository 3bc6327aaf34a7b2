"""From delivered column names to declared ones: spellings, folded columns, drift, near misses."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from orchestration.exports.errors import RefusedDelivery
from orchestration.exports.schemas import DeclaredColumn, declared_columns, identifier

#: Columns that readers of landed files add; a delivered one of that name would be in the way.
RESERVED_NAMES = frozenset({"filename", "file_row_number", "_source_row"})
#: `Ressourcengruppe (ResourceGroup)`: exports to users of another language.
LABELLED = re.compile(r"^.+\((?P<name>[^()]+)\)\s*$")


@dataclass
class LandedColumn:
    """A column of a landed file and what it means.

    `physical` is its name in the landed Parquet, `delivered` in the delivery. `target` is the
    declared column it fills; with `map_key` it is one entry of that MAP column. Neither: unknown.
    `placeholders`: words such as None stand for missing numbers in it. `path` leads to a field of a
    nested column. `time_format` is how its timestamps are written where that is not ISO.
    """

    physical: str
    delivered: str
    sql_type: str
    target: str | None = None
    map_key: str | None = None
    placeholders: bool = False
    path: tuple[str, ...] | None = None
    time_format: str | None = None

    @property
    def sql(self) -> str:
        """SQL of the delivered value."""
        return ".".join(identifier(name) for name in self.path or (self.physical,))

    def to_json(self) -> dict[str, Any]:
        """For the ledger."""
        return asdict(self)


@dataclass
class Drift:
    """One difference between a delivery's columns and the declared schema."""

    file_path: str
    column_name: str
    drift_kind: str
    detail: str


@dataclass(frozen=True)
class HeaderDialect:
    """How a kind spells its columns.

    `folds` maps a prefix of delivered names to the MAP column that takes them as entries; keys of
    `snake_case_folds` are turned into snake_case, others kept as delivered. Without `slash_names`
    the spellings of legacy reports (lineItem/UnblendedCost) are unknown. `labelled` headers may
    have the column's name in parentheses after a label in any language.
    """

    schema: str
    folds: Mapping[str, str] = field(default_factory=dict)
    snake_case_folds: tuple[str, ...] = ()
    slash_names: bool = True
    labelled: bool = False
    wrong_kind_hint: str | None = None


def snake_case(name: str) -> str:
    """`gpuMemory` -> `gpu_memory`, `ProductName` -> `product_name`."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name.strip())
    return re.sub(r"[^0-9a-zA-Z]+", "_", spaced).lower().strip("_")


def unique_physical_names(delivered: Iterable[str]) -> list[str]:
    """Names that differ even when case is ignored, as Parquet readers require; first come first."""
    taken = set(RESERVED_NAMES)
    names = []
    for position, name in enumerate(delivered, start=1):
        candidate = base = name or f"column_{position}"
        count = 1
        while candidate.lower() in taken:
            count += 1
            candidate = f"{base}~{count}"
        taken.add(candidate.lower())
        names.append(candidate)
    return names


def _kind_with(columns: list[str], own: HeaderDialect) -> str | None:
    """The other kind of export whose required columns are all among these."""
    # Imported here: kinds are made of header dialects.
    from orchestration.exports.kinds import KINDS

    for kind in KINDS.values():
        for dataset in kind.datasets:
            declared = declared_columns(dataset.schema)
            spellings = _spellings(declared, dataset.dialect.slash_names)
            known = {spellings.get(name.strip().lower()) for name in columns} - {None}
            required = {column.name for column in declared if column.required}
            # A few columns called date or cost are no sign of anything.
            if dataset.dialect != own and required <= known and len(known) >= 10:
                return kind.name
    return None


class HeaderReading:
    """The columns of one delivered file brought to the declared schema.

    Raises RefusedDelivery when a required column is missing or a declared one comes twice.
    """

    def __init__(
        self,
        dialect: HeaderDialect,
        file_path: str,
        delivered: list[str],
        physical: list[str],
        types: list[str],
        paths: list[tuple[str, ...] | None] | None = None,
    ) -> None:
        self.dialect = dialect
        self.file_path = file_path
        self.drift: list[Drift] = []
        self._declared = {column.name: column for column in declared_columns(dialect.schema)}
        self._by_spelling = _spellings(self._declared.values(), dialect.slash_names)
        self.columns = [
            self._read(name, physical_name, sql_type, path)
            for name, physical_name, sql_type, path in zip(
                delivered, physical, types, paths or [None] * len(delivered), strict=True
            )
        ]
        self._refuse_twice_declared(delivered)
        self._note_repeats()
        self._note_missing()
        self._refuse_missing_required()

    def _read(
        self, delivered: str, physical: str, sql_type: str, path: tuple[str, ...] | None
    ) -> LandedColumn:
        column = LandedColumn(physical, delivered, sql_type, path=path)
        declared = self._by_spelling.get(delivered.strip().lower())
        if declared is None and self.dialect.labelled and (label := LABELLED.match(delivered)):
            declared = self._by_spelling.get(label["name"].strip().lower())
        if declared is not None:
            column.target = declared
            return column
        for prefix, target in self.dialect.folds.items():
            if delivered.lower().startswith(prefix.lower()) and len(delivered) > len(prefix):
                key = delivered[len(prefix) :]
                column.target = target
                column.map_key = snake_case(key) if prefix in self.dialect.snake_case_folds else key
                return column
        self.note(delivered, "unknown_column", f"kept in the landed file as {sql_type}, not read")
        return column

    def note(self, column: str, kind: str, detail: str) -> None:
        """Add a drift row about a column of this file."""
        self.drift.append(Drift(self.file_path, column, kind, detail))

    def _refuse_twice_declared(self, delivered: list[str]) -> None:
        """The same header twice over a declared column: which of the two holds the money?"""
        counts = Counter(name.strip().lower() for name in delivered)
        for column in self.columns:
            spelled = column.delivered.strip().lower()
            if counts[spelled] > 1 and column.target and column.map_key is None:
                places = [
                    str(i) for i, d in enumerate(delivered, 1) if d.strip().lower() == spelled
                ]
                raise RefusedDelivery(
                    f"the header names {column.delivered} {counts[spelled]} times "
                    f"(columns {', '.join(places)}).",
                    "Export the file again with one such column: which of them counts is unknown.",
                    file_path=self.file_path,
                    column_name=column.delivered,
                )

    def _note_repeats(self) -> None:
        """Two spellings of one column are both read (first filled one wins); repeats are drift."""
        seen: dict[tuple[str, str | None], str] = {}
        for column in self.columns:
            if column.target is None:
                continue
            place = (column.target, column.map_key)
            if place not in seen:
                seen[place] = column.delivered
                continue
            if column.map_key is None:
                detail = f"also delivered as {seen[place]}; the first filled value is read"
            else:
                column.map_key = _free_key(seen, column)
                seen[(column.target, column.map_key)] = column.delivered
                detail = f"same key as {seen[place]}; read under the key {column.map_key}"
            self.note(column.delivered, "duplicate_column", detail)

    def _note_missing(self) -> None:
        present = {column.target for column in self.columns}
        for declared in self._declared.values():
            if declared.name not in present:
                self.note(declared.name, "missing_column", f"read as NULL {declared.sql_type}")

    def _refuse_missing_required(self) -> None:
        present = {column.target for column in self.columns}
        missing = [c for c in self._declared.values() if c.required and c.name not in present]
        if not missing:
            return
        unknown = [c.delivered for c in self.columns if c.target is None]
        first = missing[0]
        near = self._nearest(first, unknown)
        other = _kind_with([column.delivered for column in self.columns], self.dialect)
        if other:
            remedy = f"It has the columns of another kind: set `kind: {other}`."
        elif len(missing) > 3 and self.dialect.wrong_kind_hint:
            remedy = self.dialect.wrong_kind_hint
        elif near:
            remedy = (
                f"The unknown column {near} is nearest: if it is the same, rename it back in the "
                f"export, or add the spelling to schemas/{self.dialect.schema}.csv (aliases)."
            )
        else:
            remedy = "Add the column to the export's definition and let it be delivered again."
        names = ", ".join(column.name for column in missing)
        raise RefusedDelivery(
            f"required column {names} is missing among {len(self.columns)} columns.",
            remedy,
            file_path=self.file_path,
            column_name=first.name,
        )

    def _nearest(self, wanted: DeclaredColumn, unknown: list[str]) -> str | None:
        by_folded = {snake_case(name): name for name in unknown}
        for spelling in (wanted.name, *wanted.spellings):
            found = difflib.get_close_matches(snake_case(spelling), by_folded, n=1, cutoff=0.6)
            if found:
                return by_folded[found[0]]
        return None

    def by_target(self, target: str) -> list[LandedColumn]:
        """Columns that fill the declared column as a whole (not entries of it)."""
        return [c for c in self.columns if c.target == target and c.map_key is None]


def _spellings(declared: Iterable[DeclaredColumn], slash_names: bool) -> dict[str, str]:
    found: dict[str, str] = {}
    for column in declared:
        for spelling in (column.name, *column.spellings):
            if slash_names or "/" not in spelling:
                found.setdefault(spelling.lower(), column.name)
    return found


def _free_key(seen: dict[tuple[str, str | None], str], column: LandedColumn) -> str:
    """Another key for a second column with the same one, so that no value is lost."""
    count = 2
    while (column.target, f"{column.map_key}~{count}") in seen:
        count += 1
    return f"{column.map_key}~{count}"
