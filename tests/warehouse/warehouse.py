"""A built data folder in tests: copy it, tamper with it, run parts of dbt on it, query it."""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from orchestration.parsing import QUIET, folders
from orchestration.pipeline import parsed_manifest, private_database
from orchestration.project import ROOT, prepare_environment


class Warehouse:
    """A data folder with its two DuckDB files."""

    def __init__(self, home: Path):
        self.home = home

    def copy_to(self, home: Path) -> Warehouse:
        """A second warehouse with the same files; raw data is shared by name, so it is copied."""
        shutil.copytree(self.home, home, ignore=shutil.ignore_patterns("tmp", "*.wal"))
        prepare_environment(home)
        return Warehouse(home)

    def restore_from(self, other: Warehouse) -> None:
        """Put back the other's two database files over this one's."""
        for name in ("warehouse.duckdb", "build/ai_finops.duckdb"):
            shutil.copyfile(other.home / name, self.home / name)

    def execute(self, *statements: str) -> None:
        """Run statements, one transaction each, with the public file attached as ai_finops."""
        with private_database(self.home) as connection:
            for statement in statements:
                connection.execute(statement)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Rows of a query over both files."""
        with private_database(self.home) as connection:
            return connection.execute(query).fetchall()

    def dbt(self, *arguments: str) -> dict[str, str]:
        """Run dbt in this process; returns the status of each node by name.

        Raises AssertionError where dbt itself broke down, with its message.
        """
        outcome = self._dbt(*arguments)
        if arguments[0] == "ls":
            return {name.rsplit(".", 1)[-1]: "listed" for name in outcome}
        return {result.node.name: str(result.status) for result in outcome}

    def compiled(self) -> dict[str, str]:
        """SQL of every model by name, as it would be run here."""
        outcome = self._dbt(
            "compile", "--select", "resource_type:model", "--indirect-selection", "empty"
        )
        return {result.node.name: result.node.compiled_code for result in outcome}

    def _dbt(self, *arguments: str) -> Any:
        from dbt.adapters.duckdb.connections import DuckDBConnectionManager
        from dbt.cli.main import dbtRunner

        with _home(self.home):
            try:
                outcome = dbtRunner(parsed_manifest()).invoke(
                    [*arguments, "--quiet", *QUIET, *folders(ROOT)]
                )
            finally:
                # dbt would keep the file locked for the life of the process.
                DuckDBConnectionManager.close_all_connections()
        assert outcome.exception is None, outcome.exception
        return outcome.result


@contextmanager
def published(path: Path):
    """A read-only connection to the published file alone, as a BI tool opens it."""
    connection = duckdb.connect()
    try:
        connection.execute(f"attach '{path}' as ai_finops (read_only)")
        connection.execute("use ai_finops")
        yield connection
    finally:
        connection.close()


@contextmanager
def _home(home: Path):
    before = os.environ.get("AI_FINOPS_HOME")
    os.environ["AI_FINOPS_HOME"] = str(home)
    try:
        yield
    finally:
        if before is None:
            os.environ.pop("AI_FINOPS_HOME")
        else:
            os.environ["AI_FINOPS_HOME"] = before
