"""JSON deliveries as flat Parquet: one row per record, fields of fields as `outer.inner`, all text.

JSON Lines, a JSON array and the pages of an API (an envelope around arrays of records) give the
same. Arrays inside a record stay JSON text. Numbers keep the digits of a double.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb

from orchestration.exports.contents import counted
from orchestration.exports.errors import EmptyFile, RefusedDelivery
from orchestration.exports.schemas import identifier, literal
from orchestration.exports.workspace import (
    OUR_MISTAKES,
    glob_escaped,
    is_disk_full,
)

#: Longest line or document, in bytes: a page of an API is one.
LONGEST_RECORD = 64 * 1024 * 1024
#: No JSON text holds this character, so that a line is read as one field.
NO_DELIMITER = "\\x01"
#: Records whose structure is merged at sight, before the others are compared with it.
SAMPLE = 1000
#: With more fields than this, records are quicker merged than compared.
MOST_FIELDS = 500


def convert_json(
    connection: duckdb.DuckDBPyConnection,
    file_path: str,
    path: Path,
    target: Path,
    *,
    records: tuple[str, ...],
    whole: frozenset[str],
    hidden: frozenset[str] = frozenset(),
) -> tuple[list[str], int, str]:
    """Convert a local JSON file to Parquet; returns its columns, its rows, and the name of a table
    of lines that are no JSON and are left out.

    `records` names the arrays to unnest, outermost first (`outer.inner`: one inside an object);
    fields around them are kept in each row. Fields named in `whole` stay JSON text, of those in
    `hidden` the number of characters is written. Raises RefusedDelivery if nothing can be read.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        _read_documents(connection, path)
        relation = _one_per_record(connection, records)
        structure = _structure(connection, relation, whole)
        leaves = list(_leaves(structure, whole)) if isinstance(structure, dict) else []
        if not leaves:
            raise EmptyFile(
                "the file holds no JSON records.",
                "Deliver JSON Lines, a list of records, or the pages as the API returns them.",
                file_path=file_path,
            )
        names = [".".join(path) for path in leaves]
        shape = literal(json.dumps(_shape(structure, whole)))
        selected = ", ".join(
            f"{_shown(name, path, hidden)} as {identifier(name)}"
            for name, path in zip(names, leaves, strict=True)
        )
        copied = connection.execute(f"""
            copy (
                select {selected}
                from (select json_transform(doc, {shape}) as d from {relation})
            ) to {literal(str(target))} (format parquet, compression zstd)""").fetchone()
        connection.execute("drop table documents")
        connection.execute("drop table if exists records")
    except duckdb.Error as error:
        if is_disk_full(error) or isinstance(error, (*OUR_MISTAKES, duckdb.OutOfMemoryException)):
            raise
        raise RefusedDelivery(
            f"the file is not readable JSON: {str(error).splitlines()[0].rstrip('.')}.",
            "Let it be delivered again.",
            file_path=file_path,
        ) from error
    return names, copied[0], "rejects"


def _shown(name: str, path: tuple[str, ...], hidden: frozenset[str]) -> str:
    value = f"nullif({'.'.join(map(identifier, ('d', *path)))}, '')"
    return counted(value) if name.lower() in hidden else value


def _read_documents(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Tables `documents` (position, doc) and `rejects` (as the CSV reader calls bad records)."""
    name = literal(glob_escaped(path))
    connection.execute(
        "create temp table rejects (line bigint, column_idx bigint, "
        "error_type varchar, error_message varchar, csv_line varchar)"
    )
    # Only lines that start with a blank are trimmed: trimming all costs as much as unpacking them.
    connection.execute(f"""
        create temp table documents as
        select row_number() over () as position, text as doc, json_valid(text) as is_json
        from read_csv({name}, auto_detect = false, header = false, delim = '{NO_DELIMITER}',
            quote = '', escape = '', nullstr = chr(2), columns = {{'text': 'VARCHAR'}},
            max_line_size = {LONGEST_RECORD}, null_padding = false)
        where trim(left(text, 1)) <> '' or trim(text) <> ''""")
    first, count, valid = connection.execute("""
        select min_by(is_json, position), count(*), count(*) filter (is_json)
        from documents""").fetchone()
    if count and first and valid:
        # JSON Lines, or one document on one line.
        if valid < count:
            connection.execute("""
                insert into rejects
                select position + 1, 1, 'INVALID JSON', 'the line is no JSON', trim(doc)
                from documents where not is_json""")
            connection.execute("delete from documents where not is_json")
    else:
        # One document over many lines.
        connection.execute(f"""
            create or replace temp table documents as
            select row_number() over () as position, cast(json as varchar) as doc
            from read_json_objects({name}, format = 'unstructured',
                maximum_object_size = {LONGEST_RECORD})""")


def _one_per_record(connection: duckdb.DuckDBPyConnection, records: tuple[str, ...]) -> str:
    """The table (position, doc) of one row per record, in order."""
    listed = connection.execute("""
        select coalesce(bool_or(
            case when starts_with(doc, '{') then false else json_type(doc) = 'ARRAY' end
        ), false) from documents""").fetchone()[0]
    if not listed and not records:
        return "documents"
    connection.execute(f"""
        create temp table records as
        select row_number() over () as position, cast(doc as varchar) as doc
        from ({_unnested(records)})""")
    return "records"


def _unnested(records: tuple[str, ...]) -> str:
    """SQL of one row per record, in order."""
    relation = """
        select position, unnest(
            case when json_type(doc) = 'ARRAY' then cast(doc as json[]) else [cast(doc as json)] end
        ) as doc
        from documents"""
    for name in records:
        key = literal(f"$.{name}")
        nothing: Any = None
        for part in reversed(name.split(".")):
            nothing = {part: nothing}
        without = literal(json.dumps(nothing))
        relation = f"""
            select position, case
                when outside is null then doc
                else json_merge_patch(outside, doc)
            end as doc
            from (
                select
                    position,
                    case when json_type(doc, {key}) = 'ARRAY'
                        then json_merge_patch(doc, {without}) end as outside,
                    unnest(
                        case when json_type(doc, {key}) = 'ARRAY'
                            then cast(json_extract(doc, {key}) as json[]) else [doc] end
                    ) as doc
                from ({relation})
            )"""
    return relation


def _structure(connection: duckdb.DuckDBPyConnection, relation: str, whole: frozenset[str]) -> Any:
    """The merged structure of all records, as `json_group_structure` gives it.

    To merge every record takes half of a whole conversion. Records are told apart by the names and
    types of their fields first, and one of each sort is merged. A field that is new in it may hold
    objects with new fields in turn, so that is repeated until nothing is new.
    """
    known = _merged(connection, f"select doc from {relation} where position <= {SAMPLE}")
    while True:
        leaves = list(_leaves(known, whole)) if isinstance(known, dict) else []
        inner = {path[:depth] for path in leaves for depth in range(1, len(path))}
        objects = [_pointer(path) for path in [(), *sorted(inner)]]
        fields = [*objects, *map(_pointer, leaves)]
        if len(fields) > MOST_FIELDS:
            return _merged(connection, f"select doc from {relation}")
        # 64 bits: of a thousand sorts two would meet once in 10^13 files.
        found = _merged(
            connection,
            f"""
            select doc from {relation} where position in (
                select min(position) from {relation}
                group by hash(json_keys(doc, {objects!r}), json_type(doc, {fields!r}))
            ) order by position""",
        )
        if isinstance(found, dict) and set(_leaves(found, whole)) == set(leaves):
            return found
        if found == known:
            return found
        known = found


def _merged(connection: duckdb.DuckDBPyConnection, documents: str) -> Any:
    text = connection.execute(
        f"select cast(json_group_structure(cast(doc as json)) as varchar) from ({documents})"
    ).fetchone()[0]
    return json.loads(text) if text else None


def _pointer(path: tuple[str, ...]) -> str:
    """A JSON pointer: no name of a field is taken for a wildcard or an index of a list."""
    return "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in path)


def _leaves(
    structure: dict[str, Any], whole: frozenset[str], above: tuple[str, ...] = ()
) -> Iterator[tuple[str, ...]]:
    """Paths of the fields that hold a value or an array, or are to stay whole."""
    for name, inner in structure.items():
        path = (*above, name)
        if isinstance(inner, dict) and inner and ".".join(path).lower() not in whole:
            yield from _leaves(inner, whole, path)
        else:
            yield path


def _shape(
    structure: dict[str, Any], whole: frozenset[str], above: tuple[str, ...] = ()
) -> dict[str, Any]:
    """The structure for json_transform: text everywhere; arrays and what stays whole as JSON
    text."""
    shape: dict[str, Any] = {}
    for name, inner in structure.items():
        path = (*above, name)
        if isinstance(inner, dict) and inner and ".".join(path).lower() not in whole:
            shape[name] = _shape(inner, whole, path)
        else:
            shape[name] = "VARCHAR"
    return shape
