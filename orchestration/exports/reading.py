"""One delivered file as a local Parquet file: copied byte for byte, or converted once from CSV or
JSON."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from orchestration.exports import contents
from orchestration.exports.deliveries import JSON_SUFFIXES
from orchestration.exports.errors import RefusedDelivery
from orchestration.exports.filesystem import Location, SourceFile
from orchestration.exports.headers import RESERVED_NAMES, HeaderReading, unique_physical_names
from orchestration.exports.kinds import Dataset, Kind
from orchestration.exports.schemas import declared_columns, identifier, literal
from orchestration.exports.workspace import (
    OUR_MISTAKES,
    glob_escaped,
    is_disk_full,
    parquet_relation,
)

#: Tells from the names of a file's columns which dataset it fills.
Chooser = Callable[[list[str]], Dataset]

# Delivered types that need no remark, by role; CSV delivers text only, which is no drift.
EXPECTED_TYPES = {
    "text": ("VARCHAR",),
    "timestamp": ("VARCHAR", "TIMESTAMP", "DATE"),
    "cost": ("VARCHAR", "DOUBLE", "FLOAT", "DECIMAL", "BIGINT", "INTEGER"),
    "price": ("VARCHAR", "DOUBLE", "FLOAT", "DECIMAL", "BIGINT", "INTEGER"),
    "quantity": ("VARCHAR", "DOUBLE", "FLOAT", "DECIMAL", "BIGINT", "INTEGER"),
    "measure": ("VARCHAR", "DOUBLE", "FLOAT", "DECIMAL", "BIGINT", "INTEGER"),
    "map": ("VARCHAR", "MAP", "STRUCT"),
    "json": ("VARCHAR", "JSON", "MAP", "STRUCT"),
    "content": ("",),
}


@dataclass
class LocalFile:
    """A delivered file as local Parquet. `rejects` names a DuckDB table of malformed records.

    `counted` is the number of rows written by the conversion, or stated by the Parquet footer: what
    is read back later must be as many. `contents` are digests by billing period of a rewritten file
    whose months change on their own; else the file's checksum stands for all of them. `day` is what
    its path tells of its rows, where they do not: then the same bytes elsewhere are other rows.
    """

    source: SourceFile
    parquet: Path
    checksum: str
    file_format: str
    header: HeaderReading
    counted: int
    rejects: str | None = None
    rewritten: bool = False
    contents: dict[str, str] = field(default_factory=dict)
    day: str = ""

    @property
    def converted(self) -> bool:
        """Whether the landed file is a conversion, not the delivered bytes."""
        return self.rewritten or self.file_format != "parquet"


def file_format(file: SourceFile) -> str:
    """'parquet', 'csv' or 'json' by name, with '.gz' where it is packed."""
    name = file.name.lower()
    packed = ".gz" if name.endswith(".gz") else ""
    if name.endswith(".parquet"):
        return "parquet"
    is_json = name.removesuffix(".gz").endswith(JSON_SUFFIXES)
    return ("json" if is_json else "csv") + packed


def read_parquet_file(
    connection: duckdb.DuckDBPyConnection,
    choose: Chooser,
    whole: frozenset[str],
    location: Location,
    file: SourceFile,
    target: Path,
    on_bytes: Callable[[int], None],
) -> tuple[LocalFile, Dataset]:
    """Copy a Parquet file and read its columns. RefusedDelivery if its footer is missing or bad."""
    if file.bytes == 0:
        raise RefusedDelivery(
            "the file is empty (0 bytes).", "Let it be delivered again.", file_path=file.path
        )
    checksum = location.fetch(file, target, on_bytes)
    try:
        described = list(_leaves(connection.sql(f"from {parquet_relation(target)}"), whole))
        counted = connection.execute(
            f"select num_rows from parquet_file_metadata({literal(glob_escaped(target))})"
        ).fetchone()[0]
    except duckdb.Error as error:
        raise RefusedDelivery(
            f"the file is not readable Parquet: {_first_line(error)}.",
            "It is cut off or still being written: let it be delivered again.",
            file_path=file.path,
        ) from error
    names = [name for name, _, _ in described]
    reserved = [name for name in names if name.lower() in RESERVED_NAMES]
    if reserved:
        raise RefusedDelivery(
            f"the column name {reserved[0]} is used by the warehouse itself.",
            "Leave the column out of the export, or deliver CSV, where it can be renamed.",
            file_path=file.path,
            column_name=reserved[0],
        )
    dataset = choose(names)
    types = [sql_type for _, sql_type, _ in described]
    header = HeaderReading(
        dataset.dialect, file.path, names, names, types, [path for _, _, path in described]
    )
    _note_types(dataset, header)
    local = LocalFile(file, target, checksum, "parquet", header, counted)
    contents.leave_out(connection, local)
    return local, dataset


def _leaves(
    relation: duckdb.DuckDBPyRelation, whole: frozenset[str]
) -> Iterator[tuple[str, str, tuple[str, ...] | None]]:
    """Name, type and path of each column; nested columns give one per field, as `outer.inner`.

    Columns named in `whole` are declared as a MAP or as JSON and stay whole, as lists do.
    """

    def descend(
        path: tuple[str, ...], sql_type: Any
    ) -> Iterator[tuple[str, str, tuple[str, ...] | None]]:
        name = ".".join(path)
        if sql_type.id == "struct" and name.lower() not in whole:
            for field, field_type in sql_type.children:
                yield from descend((*path, field), field_type)
        else:
            yield name, str(sql_type), path if len(path) > 1 else None

    for name, sql_type in zip(relation.columns, relation.types, strict=True):
        yield from descend((name,), sql_type)


def kept_whole(kind: Kind) -> frozenset[str]:
    """Spellings of columns that are declared as a MAP, as JSON or as a content, in lower case."""
    return frozenset(
        spelling.lower()
        for dataset in kind.datasets
        for schema in {dataset.schema, dataset.dialect.schema}
        for column in declared_columns(schema)
        if column.role in ("map", "json", contents.ROLE)
        for spelling in (column.name, *column.spellings)
    )


def read_csv_header(
    choose: Chooser,
    location: Location,
    file: SourceFile,
    delimiters: tuple[str, ...] = (",",),
    named: tuple[str, ...] = (),
) -> tuple[HeaderReading, Dataset, str]:
    """The header of a CSV file brought to the declared schema, and what separates its columns.

    `named` are the columns of a file without a header. RefusedDelivery says what is off.
    """
    if named:
        dataset = choose([*named])
        return text_header(dataset, file, [*named]), dataset, delimiters[0]
    text = location.read_header(file)
    headers = {
        delimiter: next(csv.reader(io.StringIO(text), delimiter=delimiter), [])
        for delimiter in delimiters
    }
    delimiter = max(delimiters, key=lambda mark: len(headers[mark]))
    delivered = headers[delimiter]
    dataset = choose(delivered)
    if len(delivered) < 2:
        _refuse_delimiter(dataset, file, text)
    return text_header(dataset, file, delivered), dataset, delimiter


def text_header(dataset: Dataset, file: SourceFile, delivered: list[str]) -> HeaderReading:
    """Reading of a header whose columns all hold text."""
    return HeaderReading(
        dataset.dialect,
        file.path,
        delivered,
        unique_physical_names(delivered),
        ["VARCHAR"] * len(delivered),
    )


def convert_csv(
    connection: duckdb.DuckDBPyConnection,
    header: HeaderReading,
    path: Path,
    target: Path,
    delimiter: str = ",",
    header_lines: int = 1,
) -> tuple[int, str]:
    """Convert a local CSV file to Parquet, text as delivered, in order; empty text is NULL.

    Returns the rows written and the name of a table of records that are malformed and left out.
    RefusedDelivery if the file cannot be read to its end.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    names = [f"c{position}" for position in range(len(header.columns))]
    columns = ", ".join(f"'{name}': 'VARCHAR'" for name in names)
    hidden = {column.physical for column in contents.columns_of(header)}
    selected = ", ".join(
        f"{contents.counted(name) if column.physical in hidden else name} "
        f"as {identifier(column.physical)}"
        for name, column in zip(names, header.columns, strict=True)
    )
    try:
        # Nothing is detected: a sniffer that errs once reads a bill as one column.
        copied = connection.execute(f"""
            copy (
                select {selected}
                from read_csv({literal(glob_escaped(path))},
                    auto_detect = false, header = false, skip = {header_lines},
                    delim = {literal(delimiter)}, quote = '"', escape = '"', nullstr = '',
                    columns = {{{columns}}},
                    store_rejects = true, rejects_table = 'rejects', rejects_scan = 'reject_scans')
            ) to {literal(str(target))} (format parquet, compression zstd)""").fetchone()
    except duckdb.Error as error:
        if isinstance(error, (*OUR_MISTAKES, duckdb.OutOfMemoryException)):
            raise
        raise _unreadable(header.file_path, error) from error
    return copied[0], "rejects"


def _unreadable(file_path: str, error: duckdb.Error) -> Exception:
    """What a failed conversion means for the delivery."""
    text = str(error)
    if is_disk_full(error):
        return error
    if "GZIP" in text:
        reason, remedy = "the gzip stream is cut off or broken", "Let it be delivered again"
    elif "invalid state" in text:
        reason = "line ends are mixed (CRLF and LF) or quotes are not closed"
        remedy = "Deliver the file with one kind of line end, as the provider writes it"
    else:
        reason, remedy = "the file is not readable CSV", "Let it be delivered again"
    return RefusedDelivery(f"{reason}: {_first_line(error)}.", f"{remedy}.", file_path=file_path)


def _refuse_delimiter(dataset: Dataset, file: SourceFile, text: str) -> None:
    """A header of one field: name the delimiter that was meant, if one gives known columns."""
    known = {
        spelling.lower()
        for column in declared_columns(dataset.schema)
        for spelling in (column.name, *column.spellings)
    }
    for delimiter, name in ((";", "semicolon"), ("\t", "tab"), ("|", "pipe")):
        fields = next(csv.reader(io.StringIO(text), delimiter=delimiter), [])
        if sum(field.strip().lower() in known for field in fields) > 2:
            raise RefusedDelivery(
                f"columns are separated by {name}, not by comma.",
                "Deliver the file as the provider writes it: somebody saved it again in between.",
                file_path=file.path,
            )
    raise RefusedDelivery(
        f"the header has one column only: {text.strip()[:60]!r}.",
        "This is no bill: name only bills in `location`.",
        file_path=file.path,
    )


def _note_types(dataset: Dataset, header: HeaderReading) -> None:
    """Drift for columns whose delivered type is not one the role expects; the cast reads them."""
    roles = {column.name: column.role for column in declared_columns(dataset.schema)}
    for column in header.columns:
        if column.target is None or column.map_key is not None:
            continue
        role = roles[column.target]
        if not column.sql_type.startswith(EXPECTED_TYPES[role]):
            header.note(
                column.delivered, "type_differs", f"delivered as {column.sql_type}, read as {role}"
            )


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0].rstrip(".")
