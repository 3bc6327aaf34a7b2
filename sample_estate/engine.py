"""The DuckDB session that generates everything: settings, hashing, loading of small tables."""

import csv
import json
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from uuid import UUID

import duckdb

MEMORY_LIMIT = "2500MB"
ROW_GROUP = 16_384
FACTS = Path(__file__).parent / "facts"


def connect(work: Path) -> duckdb.DuckDBPyConnection:
    """Open an in-memory session that spills to ``work`` and keeps row order when it writes."""
    con = duckdb.connect()
    con.execute(f"set memory_limit = '{MEMORY_LIMIT}'")
    con.execute(f"set temp_directory = '{work}'")
    con.execute("set preserve_insertion_order = true")
    # A scan is shared out by row group: small ones keep both cores busy on small files too.
    con.execute(f"attach ':memory:' as estate (row_group_size {ROW_GROUP})")
    con.execute("use estate")
    con.execute("set TimeZone = 'UTC'")
    con.execute("set enable_progress_bar = false")
    return con


def define_macros(con: duckdb.DuckDBPyConnection, seed: int) -> None:
    """Create the macros every query draws its 'chance' from; all of them depend on the seed."""
    con.execute(
        f"""
        create or replace macro draw(key, sides) as
            cast(hash('{seed}', key) % cast(sides as ubigint) as bigint);
        -- Per row: the key is a number already (key_hash), the salt tells questions apart.
        create or replace macro key_hash(key) as hash('{seed}', key);
        create or replace macro draw_at(hashed, salt, moment, sides) as
            cast(hash(hashed, salt, moment) % cast(sides as ubigint) as bigint);
        create or replace macro pick(key, choices) as
            choices[1 + draw(key, len(choices))];
        -- Hex digits become the letters and digits that a kind of identifier is made of.
        create or replace macro hex_id(key, digits) as
            substr(sha256('{seed}|' || key), 1, digits);
        create or replace macro base32_id(key, digits) as
            substr(translate(sha256('{seed}|' || key), '0189', 'wxyz'), 1, digits);
        create or replace macro sku_id(key) as
            upper(substr(translate(sha256('sku|' || key), '0123', 'QXZK'), 1, 16));
        create or replace macro uuid_id(key) as
            regexp_replace(
                substr(sha256('{seed}|' || key), 1, 32),
                '^(.{{8}})(.{{4}})(.{{4}})(.{{4}})(.{{12}})$', '\\1-\\2-\\3-\\4-\\5'
            );
        """
    )


def seeded_uuid(con: duckdb.DuckDBPyConnection, key: str) -> str:
    """Return a UUID text that depends on the seed and the key only."""
    digits = con.execute("select hex_id(?, 32)", [key]).fetchone()
    return str(UUID(digits[0]))


def load_rows(
    con: duckdb.DuckDBPyConnection,
    table: str,
    columns: Mapping[str, str],
    rows: Iterable[Mapping[str, object]],
) -> None:
    """Create ``table`` with declared types from Python rows (small tables only)."""
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl", delete=False) as handle:
        for row in rows:
            handle.write(json.dumps({name: row.get(name) for name in columns}) + "\n")
    path = Path(handle.name)
    try:
        declared = ", ".join(f"'{name}': '{kind}'" for name, kind in columns.items())
        con.execute(
            f"create or replace table {table} as select * from read_json("
            f"'{path}', format = 'newline_delimited', columns = {{{declared}}})"
        )
    finally:
        path.unlink()


def read_facts(name: str) -> list[dict[str, str]]:
    """Return the rows of one fact table under ``sample_estate/facts``."""
    with (FACTS / name).open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def literal(text: object) -> str:
    """Quote a value as a SQL string literal."""
    return "'" + str(text).replace("'", "''") + "'"
