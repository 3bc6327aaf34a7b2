"""Policy seeds as somebody wants them, beside those that the last build was made with."""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from orchestration.exports.errors import ConfigError
from orchestration.exports.schemas import identifier, literal

#: Schema of seeds in the private file, and how the private file of the last build is attached.
SEEDS = "reference"
BUILT = "built"


@dataclass
class SeedChange:
    """Rows of a policy seed that come and go; each is named by its first column."""

    seed: str
    added: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        changed = sorted(set(self.added) & set(self.removed))
        parts = [
            f"{word} {', '.join(names)}"
            for word, names in (
                ("changed", changed),
                ("new", sorted(set(self.added) - set(changed))),
                ("gone", sorted(set(self.removed) - set(changed))),
            )
            if names
        ]
        return f"{self.seed}: {'; '.join(parts)}"


def files_of(folder: Path, known: dict[str, Path]) -> dict[str, Path]:
    """The file of each policy seed: the one in `folder` where there is one, else the project's.

    Raises ConfigError for a folder without any, or with a file that is no such seed.
    """
    if not folder.is_dir():
        raise ConfigError(
            str(folder), None, "there is no such folder.", "Copy seeds/policy and edit the copy."
        )
    found = {path.stem: path for path in sorted(folder.glob("*.csv"))}
    policies = {path.stem for path in next(iter(known.values())).parent.glob("*.csv")}
    for name, path in found.items():
        if name not in policies:
            raise ConfigError(
                str(path),
                None,
                "it is no policy of the project.",
                f"Name it as one of seeds/policy, such as {sorted(known)[0]}.csv.",
            )
    if not found.keys() & known.keys():
        raise ConfigError(
            str(folder),
            None,
            "it holds no policy that says whose a cost is.",
            f"Put an edited copy of one of these into it: {', '.join(sorted(known))}.",
        )
    return {name: found.get(name, path) for name, path in known.items()}


def load(connection: duckdb.DuckDBPyConnection, files: dict[str, Path]) -> list[SeedChange]:
    """Load seeds as dbt does, with the types of the last build; returns what differs from it.

    Raises ConfigError where a file has other columns than the seed or a value does not fit.
    """
    changes = []
    connection.execute(f"create schema if not exists {SEEDS}")
    for seed, path in files.items():
        types = dict(
            connection.execute(
                "select column_name, data_type from duckdb_columns() where database_name = $1 "
                "and schema_name = $2 and table_name = $3 order by column_index",
                [BUILT, SEEDS, seed],
            ).fetchall()
        )
        _load_one(connection, seed, path, types)
        change = _difference(connection, seed, list(types))
        if change.added or change.removed:
            changes.append(change)
    return changes


def _load_one(
    connection: duckdb.DuckDBPyConnection, seed: str, path: Path, types: dict[str, str]
) -> None:
    with path.open(encoding="utf-8", newline="") as lines:
        header = next(csv.reader(lines), [])
    for column in {*header} ^ {*types}:
        lacks = column in types
        raise ConfigError(
            str(path),
            1,
            f"column {column} {'is missing' if lacks else 'is none of this policy'}.",
            f"Its columns are: {', '.join(types)}.",
        )
    columns = ", ".join(f"{identifier(name)} {types[name]}" for name in header)
    connection.execute(f"create or replace table {SEEDS}.{seed} ({columns})")
    try:
        connection.execute(
            f"copy {SEEDS}.{seed} from {literal(str(path))} (format csv, header true)"
        )
    except duckdb.Error as error:
        first = str(error).splitlines()[0]
        raise ConfigError(str(path), None, first, "Mend the row that it names.") from error


def _difference(connection: duckdb.DuckDBPyConnection, seed: str, columns: list[str]) -> SeedChange:
    listed = ", ".join(map(identifier, columns))
    sides = (f"{SEEDS}.{seed}", f"{BUILT}.{SEEDS}.{seed}")
    found = []
    for ours, theirs in (sides, sides[::-1]):
        rows = connection.execute(
            f"select cast({identifier(columns[0])} as varchar) from "
            f"(select {listed} from {ours} except all select {listed} from {theirs}) order by 1"
        ).fetchall()
        found.append([name or "" for (name,) in rows])
    return SeedChange(seed, *found)
