"""SQL of the raw views: every landed file of a table, typed, whatever its delivery looked like."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from orchestration.exports.schemas import (
    ROLE_TYPES,
    DeclaredColumn,
    declared_columns,
    identifier,
    literal,
    typed,
    without_placeholders,
)
from orchestration.exports.workspace import glob_escaped

#: What a period's folder begins with.
PERIOD = "/billing_period="
#: Columns that tell where a row comes from, after the declared ones.
LINEAGE = {
    "_source_name": "varchar",
    "_source_kind": "varchar",
    "_billing_period": "varchar",
    "_source_file": "varchar",
    "_source_row": "bigint",
    "_has_net_costs": "boolean",
    "_dataset": "varchar",
    "_account": "varchar",
}


@dataclass
class Variant:
    """Landed files that share their physical columns, and so one SELECT."""

    source_kind: str
    columns: list[dict[str, Any]]
    has_source_row: bool
    converted: bool
    has_net_costs: bool
    account: str | None = None
    paths: list[str] = field(default_factory=list)


#: Puts what hides persons around a declared column of a kind: (column, kind, SQL) -> SQL.
Hiding = Callable[[DeclaredColumn, str, str], str]


def raw_view_sql(
    schema: str, variants: list[Variant], raw_folder: str, hiding: Hiding | None = None
) -> str:
    """One SELECT per variant, joined by UNION ALL; no rows where nothing is landed."""
    declared = declared_columns(schema)
    if not variants:
        return _empty(declared)
    return "\nunion all\n".join(
        _select(declared, variant, raw_folder, hiding or _as_it_is) for variant in variants
    )


def _as_it_is(_column: DeclaredColumn, _source_kind: str, sql: str) -> str:
    return sql


def _empty(declared: tuple[DeclaredColumn, ...]) -> str:
    names = [(column.name, column.sql_type) for column in declared] + list(LINEAGE.items())
    listed = ",\n    ".join(f"cast(null as {kind}) as {identifier(name)}" for name, kind in names)
    return f"select\n    {listed}\nwhere false"


def _select(
    declared: tuple[DeclaredColumn, ...], variant: Variant, raw_folder: str, hiding: Hiding
) -> str:
    expressions = []
    for column in declared:
        value = hiding(column, variant.source_kind, _value(column, variant))
        expressions.append(f"{value} as {identifier(column.name)}")
    expressions += [f"{sql} as {name}" for name, sql in _lineage(variant, raw_folder).items()]
    listed = ",\n    ".join(expressions)
    files = ",\n        ".join(literal(glob_escaped(path)) for path in variant.paths)
    row_number = "" if variant.has_source_row else ", file_row_number = true"
    return (
        f"select\n    {listed}\nfrom read_parquet(\n    [\n        {files}\n    ],\n"
        f"    filename = true{row_number}, hive_partitioning = false, union_by_name = false)"
    )


def _value(declared: DeclaredColumn, variant: Variant) -> str:
    whole, entries = [], []
    for column in variant.columns:
        if column["target"] == declared.name:
            (whole if column["map_key"] is None else entries).append(column)
    values = [_typed(column, declared.role, variant) for column in whole]
    if entries:
        values = [_folded(entries, values, variant)]
    if not values:
        return f"cast(null as {ROLE_TYPES[declared.role]})"
    return values[0] if len(values) == 1 else f"coalesce({', '.join(values)})"


def _typed(column: dict[str, Any], role: str, variant: Variant) -> str:
    name = _delivered(column)
    if variant.converted and role == "text" and column["sql_type"] == "VARCHAR":
        # Conversion has made empty text NULL already.
        return name
    if column.get("placeholders"):
        name = without_placeholders(name, column["sql_type"])
    return typed(name, column["sql_type"], role, time_format=column.get("time_format"))


def _delivered(column: dict[str, Any]) -> str:
    """SQL of the delivered value, which may be a field of a nested column."""
    return ".".join(identifier(name) for name in column.get("path") or [column["physical"]])


def _folded(entries: list[dict[str, Any]], whole: list[str], variant: Variant) -> str:
    """One MAP from many columns, with the keys that have a value.

    Columns that are empty in all files are left out: of some 150 product columns a month fills 30,
    and building the list is what costs (0.8 us a row for 30 entries).
    """
    pairs = ", ".join(
        f"{{'k': {literal(column['map_key'])}, 'v': {_text(column, variant)}}}"
        for column in entries
        if not column["empty"]
    )
    folded = (
        f"map_from_entries(list_filter([{pairs}], lambda entry: entry.v is not null))"
        if pairs
        else "cast(map {} as map(varchar, varchar))"
    )
    if not whole:
        return folded
    return f"map_concat(coalesce({', '.join(whole)}, map {{}}), {folded})"


def _text(column: dict[str, Any], variant: Variant) -> str:
    name = _delivered(column)
    if variant.converted:
        return name
    return f"nullif(cast({name} as varchar), '')"


def _lineage(variant: Variant, raw_folder: str) -> dict[str, str]:
    """Expressions over `filename` only: constant per file, so a predicate on them prunes files.

    Paths are <raw>/<source>/<table>/billing_period=YYYY-MM/<version>/<delivered path>.
    """
    below = f"substr(filename, {len(raw_folder) + 2})"
    period = f"strpos({below}, {literal(PERIOD)}) + {len(PERIOD)}"
    path = f"regexp_extract({below}, '^(?:[^/]+/){{4}}(.*)$', 1)"
    if variant.converted:
        path = f"left({path}, -{len('.parquet')})"
    if any("%" in name for name in variant.paths):
        path = f"url_decode({path})"
    return {
        # DuckDB evaluates these once for a file, split_part for each row (0.06 us).
        "_source_name": f"left({below}, strpos({below}, '/') - 1)",
        "_source_kind": literal(variant.source_kind),
        "_billing_period": f"substr({below}, {period}, {len('YYYY-MM')})",
        "_source_file": path,
        "_source_row": "_source_row" if variant.has_source_row else "file_row_number + 1",
        "_has_net_costs": "true" if variant.has_net_costs else "false",
        "_dataset": f"split_part({below}, '/', 2)",
        "_account": literal(variant.account) if variant.account else "cast(null as varchar)",
    }
