"""The refresh, step by step: land, build and check, publish. Plain Python; Dagster and the
command line call the same functions.

Only what changed is rebuilt: landing tells which (source, billing period) has a new version, the
build replaces those periods, and publishing happens after every check has passed. A step that fails
leaves what was published before untouched, and the next run takes up the same periods again.
"""

from __future__ import annotations

import hashlib
import json
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from orchestration import kept_rows, privacy, privacy_files
from orchestration.exclusive import PUBLIC_CATALOG, attach_public, exclusive, held_files_named
from orchestration.exports.collecting import CollectedSource, collect, live
from orchestration.exports.config import ExportsConfig
from orchestration.exports.landing import LandingReport, land
from orchestration.exports.raw_views import (
    fill_queue,
    mark_built,
    mark_unbuilt,
    queue_rebuilds,
    refresh_raw_views,
)
from orchestration.parsing import QUIET, folders, parsed, raise_interrupt
from orchestration.project import (
    ROOT,
    prepare_environment,
    private_file,
    public_build_file,
    target_path,
)
from orchestration.publishing.publish import Published, publish
from orchestration.quality.gate import PolicyReport, check_policies
from orchestration.quality.marks import forget

log = logging.getLogger(__name__)

# What a rebuild of all history depends on. Policies are left out: their tables are small and are
# rebuilt by every build, so editing a threshold must not cost a conversion of every month. The
# raw views are part of the conversion: they cast what was delivered.
RAW_VIEWS = (
    "orchestration/exports/raw_sql.py",
    "orchestration/exports/schemas/*",
    "orchestration/privacy.py",
)
# Telemetry is judged in one pass over all its samples, so what it is judged by belongs to the code.
TELEMETRY = (
    "seeds/hardware/telemetry_*",
    "seeds/hardware/usage_metrics.csv",
    "seeds/policy/idle_policy.csv",
)
CODE = ("models/**/*", "macros/**/*", "seeds/focus/*", "dbt_project.yml", *RAW_VIEWS, *TELEMETRY)
POLICY = ("seeds/policy/*", "seeds/hardware/*")

PROJECT_FILES = (*CODE, "seeds/**/*", "tests/dbt/**/*", "profiles.yml")

_REFUSED = """
    select coalesce(md5(string_agg(concat_ws('|', source_name, delivery, reason, is_open), chr(10)
        order by source_name, delivery, reason, is_open)), '')
    from raw_ops.refusals
"""
_CLOSED = """
    select coalesce(md5(string_agg(concat_ws('|', source_name, billing_period, sequence), chr(10)
        order by source_name, billing_period)), '')
    from raw_ops.closed_periods
"""

Progress = Callable[[int, int, str], None]


@dataclass
class Failure:
    """A model or test that failed: its message, what it is for, up to five rows that it found."""

    name: str
    message: str
    description: str = ""
    rows: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class BuildReport:
    """Outcome of a build: periods rebuilt, dbt nodes run, what failed or warned, seconds.

    ``model_seconds`` are those of models alone, without start-up, seeds and tests; ``timings``
    tells them by the model's file.
    """

    rebuilt: list[Any]
    nodes: int = 0
    model_seconds: float = 0.0
    timings: dict[str, float] = field(default_factory=dict)
    full: bool = False
    skipped: bool = False
    failures: list[Failure] = field(default_factory=list)
    warnings: list[Failure] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def ok(self) -> bool:
        """True where every model was built and every check of severity error passed."""
        return not self.failures


@dataclass
class RunReport:
    """Outcome of a whole refresh; ``published`` is None where checks or policies held it back."""

    collected: list[CollectedSource]
    landing: LandingReport
    build: BuildReport
    policies: PolicyReport | None
    published: Published | None


@contextmanager
def private_database(data: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to the private file with the public build file attached, closed at the end.

    Raises DataFolderInUse where another program holds one of the two.
    """
    private, public = private_file(data), public_build_file(data)
    with held_files_named(private):
        connection = duckdb.connect(
            str(private), config={"storage_compatibility_version": "v1.2.0"}
        )
    try:
        connection.execute("set TimeZone = 'UTC'")
        privacy.open_session(connection)
        with held_files_named(public):
            connection.execute(attach_public(public))
        yield connection
    finally:
        connection.close()


def run_pipeline(
    config: ExportsConfig,
    data: Path,
    *,
    only: list[str] | None = None,
    full_refresh: bool = False,
    landing_progress: Any = None,
    build_progress: Progress | None = None,
) -> RunReport:
    """Collect, land, build, check and publish; a failed check of severity error publishes nothing,
    and neither does a coverage policy below its hard floor.

    ``only`` names exports to land (all of them by default). Live inventories are collected once a
    day; what a cloud does not answer is a refusal of the landing. Deliveries that landing refuses
    are in the report; the data that was good before stays in place of them and is published.
    Raises DataFolderInUse where another refresh is under way, LandingError where a landing is.
    """
    data = prepare_environment(data)
    with exclusive(data):
        privacy.required_key()
        asked = [e.name for e in live(config) if only is None or e.name in only]
        collected = collect(config, data, only=asked, again=False) if asked else []
        landing = land(config, data, only=only, progress=landing_progress)
        build = build_step(data, full_refresh=full_refresh, progress=build_progress)
        policies = check_policies(data) if build.ok else None
        published = publish(data) if policies is not None and not policies.blocks else None
    return RunReport(collected, landing, build, policies, published)


def queue_step(data: Path, *, full: bool = False) -> list[Any]:
    """Point the raw views at the current versions and queue the periods that have to be rebuilt."""
    with exclusive(data), private_database(data) as connection:
        refresh_raw_views(connection, data)
        return queue_rebuilds(connection, data, full=full)


@dataclass(frozen=True)
class BuildPlan:
    """What a build has to do: periods queued, whether all history, and the versions it is for."""

    queue: list[Any]
    full: bool
    needed: bool
    code: str
    policy: str
    privacy: str = privacy.NOTHING_HIDDEN
    pruned: list[tuple[str, str]] = field(default_factory=list)
    only_refusals: bool = False

    @property
    def keeps_rows(self) -> bool:
        """Whether all history is built again, and some months have nothing to be built from."""
        return self.full and bool(self.pruned)

    @property
    def dbt_arguments(self) -> list[str]:
        """The dbt command for this plan.

        Unit tests are left out: they test the code on rows of their own, not this data, and cost
        15 s; ``make test`` runs them.
        """
        full = ["--full-refresh"] if self.full and not self.keeps_rows else []
        part = ["--select", "source:raw_ops.refusals+"] if self.only_refusals else []
        return ["build", "--exclude-resource-type", "unit_test", *part, *full]


def plan_build(data: Path, *, full_refresh: bool = False, force: bool = False) -> BuildPlan:
    """Compare what is landed and written in the project with what the last good build saw.

    An edit to models, macros or vocabulary rebuilds all history, because months converted by two
    versions of a rule cannot be compared; an edit to a policy rebuilds the small tables only.
    """
    code, policy = code_fingerprint(), _fingerprint(POLICY)
    with private_database(data) as connection:
        built_code, built_policy = _built_with(connection)
        full = full_refresh or code != built_code or not _has_public_tables(connection)
        refresh_raw_views(connection, data)
        queue = queue_rebuilds(connection, data, full=full)
        # A refusal changes no period, and has to be seen by those who read the published tables.
        refused = connection.execute(_REFUSED).fetchone()[0]
        # Nor does a month that is closed or reopened.
        closed = connection.execute(_CLOSED).fetchone()[0]
        pruned = connection.execute(
            "select source_name, billing_period from raw_ops.pruned_periods order by all"
        ).fetchall()
        if full and pruned:
            kept_rows.require(connection, data, pruned)
    rest = f"{policy} {closed} {pruned}"
    policy = f"{refused or '-'} {rest}"
    changed = bool(queue) or full or force
    needed = changed or policy != built_policy
    # Of a build that is known to be good, all but what tells refusals stays.
    only_refusals = needed and not changed and (built_policy or "").partition(" ")[2] == rest
    return BuildPlan(queue, full, needed, code, policy, privacy.digest(), pruned, only_refusals)


def begin_build(data: Path, plan: BuildPlan) -> None:
    """Record that the public tables are about to change, until `finish_build` says all is well.

    What a killed or failed build has touched is thereby built again by the next one, even if the
    deliveries or the code have become again what they were before it; and nothing is published
    in between.
    """
    with private_database(data) as connection:
        mark_unbuilt(connection)
        forget(connection)
        code = None if plan.full else plan.code
        _remember_fingerprints(connection, code, None)


def finish_build(data: Path, plan: BuildPlan) -> None:
    """Record that a plan was built and that its checks passed; its periods leave the queue."""
    with private_database(data) as connection:
        if plan.keeps_rows:
            fill_queue(connection, plan.queue)
        mark_built(connection)
        _remember_fingerprints(connection, plan.code, plan.policy)
    kept_rows.forget(data)
    privacy_files.forget_what_is_hidden(data, plan.privacy)


def convert_again(data: Path, plan: BuildPlan, report: BuildReport) -> None:
    """Begin a rebuild of all history from which pruned months are left out: they are kept."""
    tables = kept_rows.replaced_by_month(json.loads(require_manifest().read_text()))
    with private_database(data) as connection:
        kept_rows.save(connection, data, tables)
    run_dbt(kept_rows.CONVERSION, data, report)
    if report.ok:
        with private_database(data) as connection:
            kept_rows.put_back(connection, data)
        report.warnings.append(Failure("kept as built", kept_rows.told(plan.pruned)))


def build_step(
    data: Path,
    *,
    full_refresh: bool = False,
    force: bool = False,
    progress: Progress | None = None,
) -> BuildReport:
    """Build and test what changed since the last good build; nothing changed, nothing is done."""
    started = time.monotonic()
    with exclusive(data):
        plan = plan_build(data, full_refresh=full_refresh, force=force)
        report = BuildReport(plan.queue, full=plan.full, skipped=not plan.needed)
        if plan.needed:
            begin_build(data, plan)
            if plan.keeps_rows:
                convert_again(data, plan, report)
            if report.ok:
                run_dbt(plan.dbt_arguments, data, report, progress)
            if report.ok:
                finish_build(data, plan)
    report.seconds = time.monotonic() - started
    return report


def require_manifest() -> Path:
    """Path of dbt's manifest, parsed first where there is none or files of the project are newer.

    Raises RuntimeError with dbt's message where the project does not parse.
    """
    manifest = target_path() / "manifest.json"
    newest = max(path.stat().st_mtime for path in _files(PROJECT_FILES))
    if not manifest.exists() or manifest.stat().st_mtime < newest:
        prepare_environment()
        parsed_manifest().write(str(manifest))
    return manifest


def parsed_manifest() -> Any:
    """The parsed project as dbt's own object; RuntimeError where it does not parse."""
    return parsed(ROOT, _files(PROJECT_FILES))


def code_fingerprint() -> str:
    """Digest of what a rebuild of all history depends on: files as they are now, what is hidden.

    Raises ConfigError where privacy_rules ask for pseudonyms and there is no key.
    """
    hidden, files = privacy.digest(), _fingerprint(CODE)
    return files if hidden == privacy.NOTHING_HIDDEN else f"{files}-{hidden}"


def run_dbt(
    arguments: list[str],
    data: Path,
    report: BuildReport,
    progress: Progress | None = None,
) -> None:
    """Run dbt in this process and collect what failed or warned into the report.

    In process because a dbt subprocess costs 3 s of imports more; the connection is given up
    afterwards, since dbt would keep the file locked for the life of the process.
    """
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    def on_event(event: Any) -> None:
        if progress is not None and event.info.name == "LogStartLine":
            progress(event.data.index, event.data.total, event.data.description)

    try:
        result = dbtRunner(parsed_manifest(), callbacks=[on_event]).invoke(
            [*arguments, *QUIET, *folders(ROOT)]
        )
    except RuntimeError as error:
        report.failures.append(Failure("dbt", str(error)))
        return
    finally:
        DuckDBConnectionManager.close_all_connections()
    raise_interrupt(result)
    if result.exception is not None:
        report.failures.append(Failure("dbt", str(result.exception)))
        return
    for outcome in getattr(result.result, "results", []):
        report.nodes += 1
        if outcome.node.resource_type == "model":
            report.model_seconds += outcome.execution_time
            report.timings[outcome.node.original_file_path] = outcome.execution_time
        status = str(outcome.status)
        if status in ("error", "fail", "warn"):
            entry = Failure(outcome.node.name, (outcome.message or status).strip())
            if status != "error" and outcome.node.resource_type == "test":
                entry.description = outcome.node.description
                entry.rows = _failing_rows(data, outcome.node.compiled_code)
            (report.warnings if status == "warn" else report.failures).append(entry)


def _failing_rows(data: Path, query: str | None) -> list[dict[str, Any]]:
    if not query:
        return []
    with private_database(data) as connection:
        cursor = connection.execute(f"select * from ({query.rstrip().rstrip(';')}) limit 5")
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _built_with(connection: duckdb.DuckDBPyConnection) -> tuple[str | None, str | None]:
    """Code and policies of the last good build; policy None while no build is known to be good."""
    known = connection.execute(
        "select count(*) from duckdb_tables() where schema_name = 'raw_ops' "
        "and table_name = 'built_code'"
    ).fetchone()[0]
    row = known and connection.execute("select code, policy from raw_ops.built_code").fetchone()
    return row or (None, None)


def _remember_fingerprints(
    connection: duckdb.DuckDBPyConnection, code: str | None, policy: str | None
) -> None:
    connection.execute(
        "create or replace table raw_ops.built_code as "
        "select cast($1 as varchar) as code, cast($2 as varchar) as policy",
        [code, policy],
    )


def _has_public_tables(connection: duckdb.DuckDBPyConnection) -> bool:
    """False where the build file is new: it was removed, or nothing was ever built."""
    return connection.execute(
        "select count(*) > 0 from duckdb_tables() where database_name = $1", [PUBLIC_CATALOG]
    ).fetchone()[0]


def _fingerprint(patterns: tuple[str, ...]) -> str:
    digest = hashlib.sha256()
    for path in _files(patterns):
        digest.update(str(path.relative_to(ROOT)).encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _files(patterns: tuple[str, ...]) -> list[Path]:
    found = {path for pattern in patterns for path in ROOT.glob(pattern)}
    return sorted(path for path in found if path.is_file())
