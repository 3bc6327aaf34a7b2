"""Writes the planted truth (filled in below)."""
from pathlib import Path

import duckdb


def write_truth(con: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Write."""
    folder.mkdir(parents=True, exist_ok=True)
