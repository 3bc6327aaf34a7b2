"""A dry run of changed policies: the same models, over copies, in a folder of their own.

What a build with the edited policies would decide is decided by the very same models. They run in
a scratch folder over copies of the small tables that they read; the costs stay where they are and
are read from there. Nothing that is built or published is opened for writing.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from orchestration import pipeline
from orchestration.exclusive import PUBLIC_CATALOG, attach_public, held_files_named
from orchestration.exports.schemas import identifier, literal
from orchestration.preview import comparing, policies
from orchestration.preview.graph import SubGraph, sub_graph
from orchestration.project import (
    ROOT,
    prepare_environment,
    private_file,
    public_build_file,
)

BUILT_PUBLIC = "built_public"


class NothingToCompare(RuntimeError):
    """There is no good build of the present models, so nothing can be compared with it."""


@dataclass
class Preview:
    """Outcome of a dry run: policies that differ, what moves, overlaps that arise, files written.

    `held` is what closed months would say by these policies and do not: their books stay.
    `failures` are models or tests that would fail a real build; nothing is compared then.
    """

    changes: list[policies.SeedChange]
    moves: list[dict[str, Any]] = field(default_factory=list)
    held: list[dict[str, Any]] = field(default_factory=list)
    fields: list[dict[str, Any]] = field(default_factory=list)
    overlaps: list[dict[str, Any]] = field(default_factory=list)
    failures: list[pipeline.Failure] = field(default_factory=list)
    files: list[Path] = field(default_factory=list)
    seconds: float = 0.0


def preview(data: Path, seeds: Path | None = None) -> Preview:
    """What the policies in `seeds` (by default seeds/policy) would move against the last build.

    Raises NothingToCompare where there is no build of the present models, ConfigError where a file
    is no policy or cannot be read, DataFolderInUse while a refresh writes.
    """
    started = time.monotonic()
    data = prepare_environment(data)
    _require_build(data)
    manifest = json.loads(pipeline.require_manifest().read_text())
    graph = sub_graph(manifest)
    files = policies.files_of(seeds or ROOT / "seeds" / "policy", graph.seeds)
    with _scratch(data) as scratch:
        with _session(data, scratch) as connection:
            changes = policies.load(connection, files)
            if changes:
                _copy(connection, graph)
        outcome = Preview(changes)
        if changes:
            outcome.failures = _build(scratch, [*graph.models, *graph.seeds])
        if changes and not outcome.failures:
            with _session(data, scratch) as connection:
                outcome.moves = comparing.moves(connection)
                outcome.fields = comparing.fields(connection)
                outcome.overlaps = comparing.overlaps(connection)
                tables = ("moves", "changed_fields", "new_overlaps")
                outcome.files = comparing.write(connection, data / "preview", tables)
                closed = comparing.open_books(connection)
            if closed:
                # The same models once more, as if no month were closed.
                outcome.failures = _build(scratch, ["key_attributions"])
                with _session(data, scratch) as connection:
                    outcome.held = comparing.moves(connection, "held_by_closing", closed=True)
                    target = outcome.files[0].parent
                    outcome.files += comparing.add(connection, target, "held_by_closing")
    outcome.seconds = time.monotonic() - started
    return outcome


def _require_build(data: Path) -> None:
    """Refuse where nothing is built, or the models are no longer those of the last build."""
    if not private_file(data).exists() or not public_build_file(data).exists():
        raise NothingToCompare(
            f"nothing is built yet in {data}: run `python -m orchestration run` first, then a "
            "preview tells what a changed rule would move."
        )
    with duckdb.connect() as connection:
        _attach(connection, data)
        known = connection.execute(
            "select count(*) from duckdb_tables() where database_name = $1 "
            "and schema_name = 'raw_ops' and table_name = 'built_code'",
            [policies.BUILT],
        ).fetchone()[0]
        built = (
            known
            and connection.execute(
                f"select code, policy from {policies.BUILT}.raw_ops.built_code"
            ).fetchone()
        )
    if not built or built[0] is None or built[1] is None:
        raise NothingToCompare(
            f"the last build in {data} failed or was interrupted: run again, so that there is "
            "a good build to compare with."
        )
    if built[0] != pipeline.code_fingerprint():
        raise NothingToCompare(
            "models, macros or vocabulary changed since the last build, so not all that differs "
            "would be the rules' doing: run first, then preview the rules alone."
        )


def _attach(connection: duckdb.DuckDBPyConnection, data: Path) -> None:
    private, public = private_file(data), public_build_file(data)
    with held_files_named(private, public):
        for file, name in ((private, policies.BUILT), (public, BUILT_PUBLIC)):
            connection.execute(f"attach {literal(str(file))} as {name} (read_only)")


@contextmanager
def _scratch(data: Path) -> Iterator[Path]:
    """An empty data folder for dbt, gone afterwards."""
    folder = data / "preview" / f".scratch-{os.getpid()}"
    shutil.rmtree(folder, ignore_errors=True)
    for name in ("build", "tmp"):
        (folder / name).mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _session(data: Path, scratch: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The scratch databases, with those of the last build beside them."""
    with duckdb.connect(str(private_file(scratch))) as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(attach_public(public_build_file(scratch)))
        _attach(connection, data)
        yield connection


def _copy(connection: duckdb.DuckDBPyConnection, graph: SubGraph) -> None:
    """Copy what the models read. These are tables per key, not per charge."""
    for relation in graph.copied:
        public = relation.catalog == PUBLIC_CATALOG
        source = BUILT_PUBLIC if public else policies.BUILT
        target = f"{PUBLIC_CATALOG if public else 'warehouse'}.{identifier(relation.schema)}"
        connection.execute(f"create schema if not exists {target}")
        empty = "where false" if relation.name == "rebuild_queue" else ""
        connection.execute(
            f"create table {target}.{identifier(relation.name)} as "
            f"from {source}.{identifier(relation.schema)}.{identifier(relation.name)} {empty}"
        )


def _build(scratch: Path, names: list[str]) -> list[pipeline.Failure]:
    """Run models, and tests of these models and policies, in the scratch folder."""
    report = pipeline.BuildReport([])
    before = os.environ["AI_FINOPS_HOME"]
    os.environ["AI_FINOPS_HOME"] = str(scratch)
    try:
        pipeline.run_dbt(
            [
                "build",
                "--target-path",
                str(scratch / "target"),
                "--select",
                *names,
                # Tests that read what is not here, such as conservation against the whole bill.
                "--indirect-selection",
                "cautious",
                "--exclude-resource-type",
                "unit_test",
                "seed",
            ],
            scratch,
            report,
        )
    finally:
        os.environ["AI_FINOPS_HOME"] = before
    return report.failures
