"""The yardstick: raw DuckDB statements over the delivered files, in a process of their own.

Where files are text, the Parquet that landing keeps is written first, so that both sides write the
same.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb

from benchmarks import raw_azure, raw_cur2, raw_gcp
from benchmarks.measure import say

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Yardstick:
    """A statement in a file, and what fills its placeholders.

    ``source`` is SQL that reads delivered text files as flat text (None: Parquet is read as it is).
    """

    statement: str
    placeholders: Callable[[str], dict[str, str]]
    source: Callable[[list[str]], str] | None = None


YARDSTICKS = {
    "cur2": Yardstick("raw_cur2_to_focus.sql", raw_cur2.typed),
    "cur2_csv": Yardstick("raw_cur2_to_focus.sql", raw_cur2.text, raw_cur2.csv_source),
    "azure_csv": Yardstick("raw_azure_to_focus.sql", raw_azure.placeholders, raw_azure.csv_source),
    "gcp_json": Yardstick("raw_gcp_to_focus.sql", raw_gcp.placeholders, raw_gcp.json_source),
}


def convert(yardstick: Yardstick, files: list[str], target: Path) -> None:
    """Write the 65 FOCUS columns of delivered files to a table, and say seconds and rows."""
    connection = duckdb.connect(
        str(target), config={"storage_compatibility_version": "v1.2.0", "memory_limit": "3GB"}
    )
    connection.execute("set preserve_insertion_order = false; set TimeZone = 'UTC'")
    started = time.monotonic()
    kept = files
    if yardstick.source:
        kept = [str(target.with_suffix(".parquet"))]
        connection.execute("set preserve_insertion_order = true")
        connection.execute(
            f"copy ({yardstick.source(files)}) to '{kept[0]}' (format parquet, compression zstd)"
        )
        connection.execute("set preserve_insertion_order = false")
    source = f"read_parquet({kept!r}, union_by_name = true)"
    sql = (FOLDER / yardstick.statement).read_text()
    connection.execute(sql.format(**yardstick.placeholders(source)))
    connection.execute("checkpoint")
    seconds = time.monotonic() - started
    rows = connection.execute("select count(*) from cost_and_usage").fetchone()[0]
    say(seconds=seconds, rows=rows)


if __name__ == "__main__":
    convert(YARDSTICKS[sys.argv[1]], sys.argv[3:], Path(sys.argv[2]))
