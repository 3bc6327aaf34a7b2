"""How long things are kept: the policy, and what it lets go of.

Only landed files of settled months go, and only once they are built and published as they are: what
was built of them stays, the ledger says when they were pruned, and they are never built again.
"""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from orchestration.exclusive import exclusive
from orchestration.exports.errors import ConfigError
from orchestration.exports.kinds import KINDS
from orchestration.exports.ledger import Ledger
from orchestration.exports.raw_views import landed_sources, refresh_raw_views
from orchestration.exports.workspace import Workspace
from orchestration.pipeline import private_database
from orchestration.project import ROOT, public_build_file

POLICY = ROOT / "seeds" / "policy" / "retention_rules.csv"
UNITS = {"raw": "months", "quarantine": "days", "parquet": "days", "preview": "days"}
SETTLED = ("final", "locked")
BILLS = {"billed", "effective"}
# Read for bills of their month only; prices, inventories and telemetry are read for later ones too.
WITH_BILLS = BILLS | {"evidence"}


@dataclass(frozen=True)
class Rule:
    """One row of the policy."""

    subject: str
    scope: str
    keep: int


@dataclass(frozen=True)
class Outcome:
    """Something past its time: what it is, whether it goes, and why not where it does not."""

    subject: str
    name: str
    bytes: int
    kept_because: str | None = None

    def __str__(self) -> str:
        kept = f", kept: {self.kept_because}" if self.kept_because else ""
        return f"{self.subject} {self.name} ({self.bytes / 1e6:,.1f} MB{kept})"


def rules() -> list[Rule]:
    """The policy. Raises ConfigError with line and remedy where a row cannot be meant."""
    found = []
    with POLICY.open(encoding="utf-8", newline="") as lines:
        for number, row in enumerate(csv.DictReader(lines), start=2):
            subject, unit, keep = row["subject"], row["unit"], row["keep"]
            if subject not in UNITS:
                raise ConfigError(
                    str(POLICY), number, f"no subject {subject!r}.", f"One of: {', '.join(UNITS)}."
                )
            if unit != UNITS[subject]:
                raise ConfigError(
                    str(POLICY), number, f"{subject} in {unit!r}.", f"Give it in {UNITS[subject]}."
                )
            if not keep.isdigit():
                raise ConfigError(
                    str(POLICY), number, f"keep is {keep!r}.", "Write a whole number, 0 or more."
                )
            found.append(Rule(subject, row["scope"] or "", int(keep)))
    return found


def prune(data: Path, *, dry_run: bool = False, today: date | None = None) -> list[Outcome]:
    """Let go of what is past its time; returns what went and what had to stay, and why.

    Raises DataFolderInUse or LandingError where another step is at work.
    """
    policy = rules()
    today = today or datetime.now(UTC).date()
    workspace = Workspace(data)
    with exclusive(data), workspace.locked():
        outcomes = list(_raw(workspace, policy, today, dry_run))
        outcomes += _quarantine(workspace, policy, today, dry_run)
        outcomes += _folders(data, policy, today, dry_run)
        if not dry_run and any(o.subject == "raw" and not o.kept_because for o in outcomes):
            with private_database(data) as connection:
                refresh_raw_views(connection, data)
    return outcomes


def _keep(policy: list[Rule], subject: str, *scopes: str) -> int | None:
    """How long a subject is kept, by the nearest rule; None: for ever."""
    for scope in (*scopes, ""):
        for rule in policy:
            if (rule.subject, rule.scope) == (subject, scope):
                return rule.keep
    return None


def _months_before(day: date, months: int) -> str:
    """'YYYY-MM' of so many months ago."""
    number = day.year * 12 + day.month - 1 - months
    return f"{number // 12:04d}-{number % 12 + 1:02d}"


def _raw(workspace: Workspace, policy: list[Rule], today: date, dry_run: bool) -> Iterator[Outcome]:
    known = _what_is_built(workspace.home)
    past: dict[tuple[str, str], list[Ledger]] = {}
    providers: dict[str, str] = {}
    for source in landed_sources(workspace):
        kind = KINDS.get(source["kind"])
        keep = _keep(policy, "raw", source["name"], source["kind"])
        if kind is None or keep is None:
            continue
        providers[source["name"]] = source["provider"]
        counts = {dataset.counts_as for dataset in kind.datasets}
        for dataset in kind.datasets:
            ledger = Ledger(workspace, source["name"], dataset.table)
            for period in ledger.periods():
                pointer = ledger.pointer(period)
                if period >= _months_before(today, keep) or not pointer.version_id:
                    continue
                if pointer.pruned_at is None and counts & WITH_BILLS:
                    # Companions of a bill are small, and read for all months together.
                    if dataset.counts_as in WITH_BILLS:
                        past.setdefault((source["name"], period), []).append(ledger)
                elif pointer.pruned_at is None:
                    yield Outcome(
                        "raw",
                        f"{source['name']} {period}",
                        _size(ledger.period_folder(period)),
                        "bills of later months are read with it",
                    )
    for (name, period), ledgers in sorted(past.items()):
        why = _why_not(known, name, period, providers[name], set(past))
        size = sum(_size(ledger.period_folder(period)) for ledger in ledgers)
        if why is None and not dry_run:
            for ledger in ledgers:
                ledger.prune(period)
        yield Outcome("raw", f"{name} {period}", size, why)


@dataclass
class _Built:
    """What the last good build has: status and version of months, who is read with whom."""

    status: dict[tuple[str, str], str]
    current: dict[tuple[str, str], tuple[str, bool]]
    built: set[tuple[str, str]]
    bills: dict[tuple[str, str], list[str]]
    pruned: set[tuple[str, str]]
    good: bool


def _what_is_built(data: Path) -> _Built:
    if not public_build_file(data).exists():
        return _Built({}, {}, set(), {}, set(), False)
    with private_database(data) as connection:
        refresh_raw_views(connection, data)
        try:
            good = connection.execute(
                "select count(policy) from raw_ops.built_code where code is not null"
            ).fetchone()[0]
            status = connection.execute(
                "select source_name, billing_period, status from ai_finops.quality.period_status"
            ).fetchall()
        except duckdb.CatalogException:
            return _Built({}, {}, set(), {}, set(), False)
        current = connection.execute("""
            select landed.source_name, landed.billing_period, provider,
                list_has_any(counts_as, ['billed', 'effective']),
                landed.version_id is not distinct from built.version_id
            from raw_ops.current_versions as landed
            left join raw_ops.built_periods as built using (source_name, billing_period)
        """).fetchall()
        pruned = connection.execute(
            "select source_name, billing_period from raw_ops.pruned_periods"
        ).fetchall()
    bills: dict[tuple[str, str], list[str]] = {}
    for name, period, provider, is_bill, _ in current:
        if is_bill:
            bills.setdefault((provider, period), []).append(name)
    return _Built(
        {(name, period): said for name, period, said in status},
        {(name, period): (provider, is_bill) for name, period, provider, is_bill, _ in current},
        {(name, period) for name, period, _, _, same in current if same},
        bills,
        set(pruned),
        bool(good),
    )


def _why_not(
    known: _Built, name: str, period: str, provider: str, past: set[tuple[str, str]]
) -> str | None:
    """Why a month's files have to stay; None where they may go."""
    if not known.good:
        return "the last build is not known to be good"
    _, is_bill = known.current.get((name, period), (provider, False))
    if is_bill:
        status = known.status.get((name, period), "not built")
        if status not in SETTLED:
            return f"the month is {status}; it has to be final or locked"
        if (name, period) not in known.built:
            return "what is landed is not what is built: run first"
        return None
    # Usage gives the same provider's bill of the month its quantities: it goes with the bill.
    for bill in known.bills.get((provider, period), []):
        place = (bill, period)
        if place in known.pruned:
            continue
        why = _why_not(known, bill, period, provider, past) if place in past else "it is kept"
        if why:
            return f"the bill {bill} of the month is read with it ({why})"
    return None


def _quarantine(
    workspace: Workspace, policy: list[Rule], today: date, dry_run: bool
) -> Iterator[Outcome]:
    kinds = {source["name"]: source["kind"] for source in landed_sources(workspace)}
    for folder in sorted(workspace.quarantine.glob("*/billing_period=*/*")):
        source, period = folder.parts[-3], folder.parts[-2].split("=", 1)[1]
        keep = _keep(policy, "quarantine", source, kinds.get(source, ""))
        ledger = Ledger(workspace, source, "")
        if keep is None or not ledger.sidecar_path(period, folder.name).exists():
            continue
        landed = ledger.sidecar(period, folder.name)["landed_at"]
        if date.fromisoformat(landed[:10]) < today - timedelta(days=keep):
            yield _gone("quarantine", f"{source} {period} {folder.name}", folder, dry_run)


def _folders(data: Path, policy: list[Rule], today: date, dry_run: bool) -> Iterator[Outcome]:
    """Folders of dry runs, named by their day, and Parquet files that nobody wrote anew."""
    keep = _keep(policy, "preview")
    for folder in sorted((data / "preview").glob("20*")) if keep is not None else []:
        if folder.name[:10] < (today - timedelta(days=keep)).isoformat():
            yield _gone("preview", folder.name, folder, dry_run)
    keep = _keep(policy, "parquet")
    for path in sorted((data / "published" / "parquet").rglob("*")) if keep is not None else []:
        if path.is_file():
            written = datetime.fromtimestamp(path.stat().st_mtime, UTC).date()
            if written < today - timedelta(days=keep):
                name = str(path.relative_to(data / "published" / "parquet"))
                yield _gone("parquet", name, path, dry_run)


def _gone(subject: str, name: str, path: Path, dry_run: bool) -> Outcome:
    outcome = Outcome(subject, name, _size(path))
    if not dry_run and path.is_dir():
        shutil.rmtree(path)
    elif not dry_run:
        path.unlink()
    return outcome


def _size(path: Path) -> int:
    files: Any = path.rglob("*") if path.is_dir() else [path]
    return sum(file.stat().st_size for file in files if file.is_file())
