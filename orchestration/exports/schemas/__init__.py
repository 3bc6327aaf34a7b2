"""Declared schemas of the landed tables, one CSV each, and the casts that their roles imply."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

#: Landed type of each role. Money has 16 decimals, unit prices 18, quantities 12; a measure is a
#: reading of a sensor, which is no money and never adds up to any.
ROLE_TYPES = {
    "text": "varchar",
    "timestamp": "timestamp",
    "cost": "decimal(38,16)",
    "price": "decimal(38,18)",
    "quantity": "decimal(38,12)",
    "measure": "double",
    "map": "map(varchar, varchar)",
    "json": "varchar",
    "content": "bigint",
}
DECIMAL_ROLES = ("cost", "price", "quantity")
NUMBER_ROLES = (*DECIMAL_ROLES, "measure")
#: What programs write where an optional number is missing, in any case of letters.
PLACEHOLDERS = ("none", "null", "na", "n/a", "nan", "-")


@dataclass(frozen=True)
class DeclaredColumn:
    """One column of a landed table: its name, what it holds, and how deliveries spell it."""

    name: str
    role: str
    required: bool
    spellings: tuple[str, ...]
    formats: tuple[str, ...] = ()

    @property
    def sql_type(self) -> str:
        """DuckDB type of the column in the raw view."""
        return ROLE_TYPES[self.role]


@cache
def declared_columns(schema: str) -> tuple[DeclaredColumn, ...]:
    """Columns of `schemas/<schema>.csv`, in file order."""
    path = Path(__file__).parent / f"{schema}.csv"
    with path.open(encoding="utf-8", newline="") as lines:
        return tuple(
            DeclaredColumn(
                name=row["column"],
                role=row["role"],
                required=row["required"] == "yes",
                spellings=tuple(s for s in [row["legacy_name"], *_listed(row["aliases"])] if s),
                formats=tuple(f for f in (row.get("formats") or "").split("|") if f),
            )
            for row in csv.DictReader(lines)
        )


def _listed(aliases: str) -> list[str]:
    """Spellings, separated by `|` where one of them contains a blank."""
    return [s.strip() for s in aliases.split("|")] if "|" in aliases else aliases.split()


def identifier(name: str) -> str:
    """`name` as a quoted SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """`text` as a SQL string literal."""
    return "'" + text.replace("'", "''") + "'"


def typed(
    expression: str,
    delivered: str,
    role: str,
    *,
    forgiving: bool = False,
    time_format: str | None = None,
) -> str:
    """SQL that turns a delivered value into the role's type; empty text is NULL.

    Doubles become decimals through their shortest text form: a direct cast differs in the last
    digits, and the same bill as CSV and as Parquet must be the same bill. `forgiving` uses
    try_cast, for profiles. `time_format` is how text timestamps of the file are written where that
    is not ISO; ISO is read all the same.
    """
    cast = "try_cast" if forgiving else "cast"
    target = ROLE_TYPES[role]
    is_text = delivered == "VARCHAR"
    if time_format == "unix" and not delivered.startswith(("TIMESTAMP", "DATE")):
        return _unix_time(expression, is_text)
    if role == "map":
        return _typed_map(expression, delivered, cast)
    if role == "json" and not is_text:
        return f"cast(to_json({expression}) as varchar)"
    if role == "timestamp" and time_format == "epoch":
        seconds = f"nullif({expression}, '')" if is_text else expression
        return (
            f"coalesce(make_timestamp(try_cast({seconds} as bigint) * 1000000), "
            f"try_cast({seconds} as timestamp))"
        )
    if role == "timestamp" and time_format and is_text:
        present = f"nullif(trim({expression}), '')"
        return (
            f"coalesce(try_strptime({present}, {literal(time_format)}), "
            f"try_cast({present} as timestamp))"
        )
    if is_text:
        present = f"nullif({expression}, '')"
        return present if role in ("text", "json") else f"{cast}({present} as {target})"
    if role in DECIMAL_ROLES and delivered in ("DOUBLE", "FLOAT"):
        return f"{cast}(cast({expression} as varchar) as {target})"
    if role == "timestamp" and delivered == "TIMESTAMP WITH TIME ZONE":
        return f"timezone('UTC', {expression})"
    if delivered.lower() == target:
        return expression
    return f"{cast}({expression} as {target})"


def _unix_time(expression: str, is_text: bool) -> str:
    """Time since 1970 in seconds, milli-, micro- or nanoseconds: its size tells which."""
    number = f"try_cast(nullif({expression}, '') as double)" if is_text else expression
    # Seconds pass 10^11 in the year 5138; milliseconds passed it in 1973.
    micros = (
        f"case when {number} < 1e11 then {number} * 1000000 "
        f"when {number} < 1e14 then {number} * 1000 "
        f"when {number} < 1e17 then {number} else {number} / 1000 end"
    )
    time = f"make_timestamp(cast({micros} as bigint))"
    if not is_text:
        return time
    return f"coalesce({time}, try_cast(nullif({expression}, '') as timestamp))"


def is_placeholder(expression: str, delivered: str) -> str:
    """SQL that is true where a delivered number is a word (or NaN) that stands for none."""
    if delivered == "VARCHAR":
        listed = ", ".join(literal(word) for word in PLACEHOLDERS)
        return f"coalesce(lower(trim({expression})) in ({listed}), false)"
    return f"coalesce(isnan({expression}), false)"


def without_placeholders(expression: str, delivered: str) -> str:
    """SQL that is NULL where a delivered number is a placeholder, else the number."""
    return f"case when not {is_placeholder(expression, delivered)} then {expression} end"


def _typed_map(expression: str, delivered: str, cast: str) -> str:
    """MAP(VARCHAR, VARCHAR) from a MAP of other types, a list of key/value structs or JSON text."""
    target = ROLE_TYPES["map"]
    if delivered == "VARCHAR":
        return f"{cast}({cast}(nullif({expression}, '') as json) as {target})"
    if delivered == "MAP(VARCHAR, VARCHAR)":
        return expression
    if delivered.endswith("[]"):
        return f"{cast}(map_from_entries({expression}) as {target})"
    if delivered.startswith("STRUCT"):
        return f"{cast}(to_json({expression}) as {target})"
    return f"{cast}({expression} as {target})"
