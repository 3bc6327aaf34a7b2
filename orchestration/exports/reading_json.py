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


def convert_json(
    connection: duckdb.DuckDBPyConnection,
    file_path: str,
    path: Path,
    target: Path,
    *,
    records: tuple[str, ...],
    whole: frozenset[str],
) -> tuple[list[str], int, str]:
    """Convert a local JSON file to Parquet; returns its columns, its rows, and the name of a table
    of lines that are no JSON and are left out.

    `records` names the arrays to unnest, outermost first; fields around them are kept in each row.
    Fields named in `whole` stay JSON text. Raises RefusedDelivery if nothing can be read.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        _read_documents(connection, path)
        relation = _unnested(records)
        merged = connection.execute(
            f"select cast(json_group_structure(doc) as varchar) from ({relation})"
        ).fetchone()[0]
        structure = json.loads(merged) if merged else None
        leaves = list(_leaves(structure, whole)) if isinstance(structure, dict) else []
        if not leaves:
            raise EmptyFile(
                "the file holds no JSON records.",
                "Deliver JSON Lines, a list of records, or the pages as the API returns them.",
                file_path=file_path,
            )
        names = [".".join(path) for path, _ in leaves]
        shape = literal(json.dumps(_shape(structure, whole)))
        selected = ", ".join(
            f"{_as_text(['d', *path], is_json)} as {identifier('.'.join(path))}"
            for path, is_json in leaves
        )
        copied = connection.execute(f"""
            copy (
                select {selected}
                from (select json_transform(doc, {shape}) as d from ({relation}))
            ) to {literal(str(target))} (format parquet, compression zstd)""").fetchone()
        connection.execute("drop table documents")
    except duckdb.Error as error:
        if is_disk_full(error) or isinstance(error, (*OUR_MISTAKES, duckdb.OutOfMemoryException)):
            raise
        raise RefusedDelivery(
            f"the file is not readable JSON: {str(error).splitlines()[0].rstrip('.')}.",
            "Let it be delivered again.",
            file_path=file_path,
        ) from error
    return names, copied[0], "rejects"


def _read_documents(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Tables `documents` (position, doc) and `rejects` (as the CSV reader calls bad records)."""
    name = literal(glob_escaped(path))
    connection.execute(
        "create temp table rejects (line bigint, column_idx bigint, "
        "error_type varchar, error_message varchar, csv_line varchar)"
    )
    lines = connection.execute(f"""
        create temp table lines as
        select row_number() over () as line, trim(text) as text
        from read_csv({name}, auto_detect = false, header = false, delim = '{NO_DELIMITER}',
            quote = '', escape = '', nullstr = chr(2), columns = {{'text': 'VARCHAR'}},
            max_line_size = {LONGEST_RECORD}, null_padding = false)
        where trim(text) <> ''""")
    del lines
    first, count, valid = connection.execute("""
        select min_by(json_valid(text), line), count(*), count(*) filter (json_valid(text))
        from lines""").fetchone()
    if count and first and valid:
        # JSON Lines, or one document on one line.
        connection.execute("""
            create temp table documents as
            select line as position, cast(text as json) as doc from lines where json_valid(text)""")
        connection.execute("""
            insert into rejects
            select line + 1, 1, 'INVALID JSON', 'the line is no JSON', text
            from lines where not json_valid(text)""")
    else:
        # One document over many lines.
        connection.execute(f"""
            create temp table documents as
            select row_number() over () as position, json as doc
            from read_json_objects({name}, format = 'unstructured',
                maximum_object_size = {LONGEST_RECORD})""")
    connection.execute("drop table lines")


def _unnested(records: tuple[str, ...]) -> str:
    """SQL of one row per record, in order."""
    relation = """
        select position, unnest(
            case when json_type(doc) = 'ARRAY' then cast(doc as json[]) else [doc] end
        ) as doc
        from documents"""
    for name in records:
        key, field = literal(f"$.{name}"), identifier(name)
        relation = f"""
            select position, case
                when outside is null then doc
                else json_merge_patch(outside, doc)
            end as doc
            from (
                select
                    position,
                    case when json_type(doc, {key}) = 'ARRAY'
                        then json_merge_patch(doc, '{{{field}: null}}') end as outside,
                    unnest(
                        case when json_type(doc, {key}) = 'ARRAY'
                            then cast(json_extract(doc, {key}) as json[]) else [doc] end
                    ) as doc
                from ({relation})
            )"""
    return relation


def _as_text(path: list[str], is_json: bool) -> str:
    """SQL of a field as text. A field that holds numbers here and texts there comes as JSON, whose
    texts are in quotes; so do arrays, which stay as they are."""
    field = ".".join(identifier(part) for part in path)
    if not is_json:
        return f"nullif(cast({field} as varchar), '')"
    return f"nullif(json_extract_string({field}, '$'), '')"


def _leaves(
    structure: dict[str, Any], whole: frozenset[str], above: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], bool]]:
    """Paths of the fields that hold a value or an array, and whether they come as JSON."""
    for name, inner in structure.items():
        path = (*above, name)
        if isinstance(inner, dict) and inner and ".".join(path).lower() not in whole:
            yield from _leaves(inner, whole, path)
        else:
            yield path, _is_json(inner)


def _is_json(inner: Any) -> bool:
    return isinstance(inner, (dict, list)) or inner == "JSON"


def _shape(
    structure: dict[str, Any], whole: frozenset[str], above: tuple[str, ...] = ()
) -> dict[str, Any]:
    """The structure for json_transform: text everywhere, arrays as they are."""
    shape: dict[str, Any] = {}
    for name, inner in structure.items():
        path = (*above, name)
        if isinstance(inner, dict) and inner and ".".join(path).lower() not in whole:
            shape[name] = _shape(inner, whole, path)
        else:
            shape[name] = "JSON" if _is_json(inner) else "VARCHAR"
    return shape
