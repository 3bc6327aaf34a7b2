"""Landing of one export: skip what is known, read what is new, publish whole months."""

from __future__ import annotations

import hashlib
import time
from dataclasses import asdict
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from orchestration.exports import assembling, overlap, schemas
from orchestration.exports.assembling import PreparedFile, Version
from orchestration.exports.choosing import Choice, choose
from orchestration.exports.config import Export, ExportsConfig
from orchestration.exports.deliveries import Delivery, fingerprint
from orchestration.exports.errors import RefusedDelivery
from orchestration.exports.filesystem import Location
from orchestration.exports.kinds import Kind
from orchestration.exports.landing_report import LandedVersion, SourceReport
from orchestration.exports.ledger import Json, Ledger, Refusal, SourceState, utc_now
from orchestration.exports.loose_landing import land_loose
from orchestration.exports.progress import LandingProgress
from orchestration.exports.workspace import OUR_MISTAKES, Workspace, disk_full, is_disk_full

#: Raised when landed files of the same delivery would look different than before.
LAYOUT_VERSION = 2


class SourceLanding:
    """One export with its ledger and what is remembered of it."""

    def __init__(self, config: ExportsConfig, export: Export, workspace: Workspace) -> None:
        self.config = config
        self.export = export
        self.kind = export.definition
        self.workspace = workspace
        self.ledger = Ledger(workspace, export.name, self.kind.table)
        self.state: SourceState = self.ledger.load_state()
        self.report = SourceReport(export.name, export.kind)
        self.digest = digest_of_kind(self.kind)

    # -- what is new ------------------------------------------------------------------------

    def pending(self, choice: Choice) -> list[tuple[str, Delivery]]:
        """Deliveries that are not what was seen last, as (key in what is remembered, delivery)."""
        candidates = list(choice.by_period.items())
        candidates += [(delivery.label, delivery) for delivery in choice.loose]
        return [(key, delivery) for key, delivery in candidates if self._is_new(key, delivery)]

    def _is_new(self, key: str, delivery: Delivery) -> bool:
        known = self.state.seen.get(key)
        if known is None or known["fingerprint"] != self._fingerprint(delivery):
            return not self._is_older(delivery)
        if known["outcome"] == "overlap":
            return self._conflict_is_over(known)
        if known["outcome"] == "landed":
            return any(self.ledger.pointer(p).version_id is None for p in known["periods"])
        return known["outcome"] == "retry"

    def _fingerprint(self, delivery: Delivery) -> str:
        return f"{self.digest[:12]}{fingerprint(delivery.watched)}"

    def _is_older(self, delivery: Delivery) -> bool:
        """A delivery older than the landed one changes nothing, whenever it arrives."""
        if not delivery.newest_key or delivery.billing_period is None:
            return False
        current = self.ledger.current(delivery.billing_period)
        return current is not None and delivery.newest_key < current["newest_key"]

    def _conflict_is_over(self, known: Json) -> bool:
        coverage = {tuple(pair) for pair in known["coverage"]}
        return self._judge(known["conflict_period"], coverage).refused is None

    def _judge(self, period: str, coverage: overlap.Coverage) -> overlap.Verdict:
        return overlap.judge(self.config, self.export, period, coverage, self._landed_coverage)

    def _landed_coverage(self, other: Export, period: str) -> overlap.Coverage:
        current = Ledger(self.workspace, other.name, other.definition.table).current(period)
        return {tuple(pair) for pair in current["coverage"]} if current else set()

    # -- landing ----------------------------------------------------------------------------

    def run(self, progress: LandingProgress, periods: list[str] | None) -> SourceReport:
        """Land what is new. Refusals are collected, never raised."""
        started = time.monotonic()
        self.ledger.clean_up()
        considered: set[str] | None = None
        try:
            location = Location(self.export.location)
            choice = choose(self.kind.discover(location))
        except RefusedDelivery as refused:
            self._refuse(self.export.location, refused)
        else:
            if periods is not None:
                choice.by_period = {p: d for p, d in choice.by_period.items() if p in periods}
                considered = {delivery.label for delivery in choice.by_period.values()}
            for label, refused in choice.refused:
                self._refuse(label, refused)
            self._land(location, choice, progress)
        self._remember_refusals(considered)
        self._save()
        self.report.seconds = time.monotonic() - started
        return self.report

    def _land(self, location: Location, choice: Choice, progress: LandingProgress) -> None:
        new = self.pending(choice)
        new_keys = {key for key, _ in new}
        for period, delivery in choice.by_period.items():
            if period not in new_keys:
                self.skip(period, delivery)
        for period, delivery in new:
            if delivery.billing_period is not None:
                self._land_period(location, period, delivery, progress)
        if choice.loose:
            land_loose(self, location, choice.loose, new_keys, progress)

    def skip(self, key: str, delivery: Delivery) -> None:
        """Unchanged: what was refused stays refused, what was landed is counted."""
        known = self.state.seen.get(key)
        if known and known.get("refusal") and known["fingerprint"] == self._fingerprint(delivery):
            self.report.refusals.append(Refusal(**known["refusal"]))
        else:
            self.report.skipped += 1

    def _land_period(
        self, location: Location, period: str, delivery: Delivery, progress: LandingProgress
    ) -> None:
        progress.begin(self.export.name, delivery.label, len(delivery.files), delivery.bytes)
        try:
            with self.workspace.scratch_folder() as folder:
                files = self.guarded_read(location, delivery, folder, progress)
                outcome = self.publish(assembling.assemble(period, files), delivery, folder)
            self.remember(period, delivery, "landed", [period])
        except RefusedDelivery as refused:
            outcome = "refused"
            self.refuse_delivery(period, delivery, refused, [period])
        progress.end(outcome)

    def guarded_read(
        self, location: Location, delivery: Delivery, folder: Path, progress: LandingProgress
    ) -> list[PreparedFile]:
        """Read a delivery; failing disks, memory and networks become refusals."""
        if delivery.problem:
            raise delivery.problem
        try:
            return assembling.read_delivery(self.kind, location, delivery, folder, progress)
        except (OSError, duckdb.Error) as error:
            raise self.as_refusal(error) from error

    def as_refusal(self, error: Exception) -> RefusedDelivery:
        """What a failure of the machine or the network means for a delivery; it is tried again."""
        if isinstance(error, OUR_MISTAKES):
            raise error
        if is_disk_full(error):
            return disk_full(self.workspace, error)
        if isinstance(error, duckdb.OutOfMemoryException):
            return RefusedDelivery(
                f"memory does not suffice: {str(error).splitlines()[0]}.",
                "Raise AI_FINOPS_MEMORY (such as 6GB).",
                transient=True,
            )
        return RefusedDelivery(
            f"reading failed: {type(error).__name__}: {str(error).splitlines()[0]}.",
            "Check the location and run again; what was landed before stays.",
            transient=True,
        )

    def publish(self, version: Version, delivery: Delivery | None, folder: Path) -> str:
        """Put a prepared version in place; returns what happened. Raises RefusedDelivery."""
        content = version.content(self.digest)
        current = self.ledger.current(version.period)
        if current and current["content"] == content:
            self.report.skipped += 1
            return "unchanged"
        if current and not version.landed_rows and any(f["landed_rows"] for f in current["files"]):
            raise RefusedDelivery(
                f"the delivery holds no rows, but {version.period} has rows landed.",
                "If the month became empty, delete its current.json under the data folder's raw/.",
            )
        verdict = self._judge(version.period, version.coverage)
        if verdict.refused:
            verdict.refused.period = version.period
            verdict.refused.coverage = version.coverage
            raise verdict.refused
        try:
            version_id = self._put_in_place(version, delivery, folder, content)
        except (OSError, duckdb.Error) as error:
            raise self.as_refusal(error) from error
        for other, refused in verdict.losers:
            self._withdraw_other(other, version.period, refused)
        self._report(version, version_id)
        return "landed"

    def _put_in_place(
        self, version: Version, delivery: Delivery | None, folder: Path, content: str
    ) -> str:
        period, name = version.period, self.export.name
        version_id = self.ledger.free_version_id(period, content)
        sidecar = {
            "source_name": name,
            "source_kind": self.kind.name,
            "provider": self.kind.provider,
            "table_name": self.kind.table,
            "billing_period": period,
            "version_id": version_id,
            "content": content,
            "newest_key": delivery.newest_key if delivery else "",
            "assembly_id": delivery.assembly_id if delivery else None,
            "delivered_at": delivery.delivered_at if delivery else None,
            "landed_at": utc_now(),
            **assembling.describe(self.kind, version, delivery),
        }
        prepared = folder / f"version {period}"
        assembling.build_version(version, prepared)
        quarantine = self.workspace.quarantine_folder(name, period, version_id)
        sidecar["quarantine_files"] = assembling.move_quarantine(version, quarantine)
        self.ledger.publish(period, version_id, prepared, sidecar)
        return version_id

    def _withdraw_other(self, other: Export, period: str, refused: RefusedDelivery) -> None:
        """Another export's landed month gives way; it is compared again at its next landing."""
        landing = SourceLanding(self.config, other, self.workspace)
        current = landing.ledger.current(period)
        landing.ledger.withdraw(period, refused.reason)
        refusal = Refusal.of(other.name, period, refused)
        for key, known in landing.state.seen.items():
            if key == period or period in known["periods"]:
                known |= {
                    "outcome": "overlap",
                    "coverage": current["coverage"] if current else [],
                    "conflict_period": period,
                    "refusal": asdict(refusal),
                }
        landing.state.refusals = _merged(landing.state.refusals, [refusal], set())
        landing.ledger.save_state(landing.state)

    # -- remembering ------------------------------------------------------------------------

    def remember(self, key: str, delivery: Delivery, outcome: str, periods: list[str]) -> None:
        """What became of a delivery, so that it is not read again unchanged."""
        self.state.seen[key] = {
            "fingerprint": self._fingerprint(delivery),
            "outcome": outcome,
            "periods": periods,
        }
        # Written at once: what is landed and forgotten would be read again after a crash.
        self._save()

    def _save(self) -> None:
        """Write what is remembered; on a full disk the next run reads again what is forgotten."""
        try:
            self.ledger.save_state(self.state)
        except OSError as error:
            if not is_disk_full(error):
                raise
            self._refuse(self.export.location, disk_full(self.workspace, error))

    def refuse_delivery(
        self, key: str, delivery: Delivery, refused: RefusedDelivery, periods: list[str]
    ) -> None:
        """Report a refusal, and remember it unless its cause may be gone at the next try."""
        refusal = self._refuse(delivery.label, refused)
        if refused.transient:
            self.state.seen.pop(key, None)
            return
        coverage = refused.coverage
        self.remember(key, delivery, "overlap" if coverage else "refused", periods)
        known = self.state.seen[key]
        known["refusal"] = asdict(refusal)
        known["coverage"] = sorted(coverage)
        known["conflict_period"] = refused.period

    def _refuse(self, label: str, refused: RefusedDelivery) -> Refusal:
        refusal = Refusal.of(self.export.name, label, refused)
        self.report.refusals.append(refusal)
        return refusal

    def _remember_refusals(self, considered: set[str] | None) -> None:
        self.state.refusals = _merged(self.state.refusals, self.report.refusals, considered)

    def _report(self, version: Version, version_id: str) -> None:
        cost: dict[str, Decimal] = {}
        held_back: dict[str, Decimal] = {}
        for part in version.parts:
            for total in part.piece.totals:
                code = total.currency or "unknown"
                cost[code] = cost.get(code, Decimal(0)) + total.landed_cost
                held_back[code] = held_back.get(code, Decimal(0)) + total.quarantined_cost
        self.report.landed.append(
            LandedVersion(
                self.export.name,
                version.period,
                version_id,
                delivered={
                    part.file.local.source.path: part.file.local.source.bytes
                    for part in version.parts
                },
                rows=version.landed_rows,
                quarantined_rows=sum(part.piece.quarantined_rows for part in version.parts),
                drift=len(version.drift),
                cost=cost,
                quarantined_cost=held_back,
            )
        )


def digest_of_kind(kind: Kind) -> str:
    """Changes when a kind reads deliveries differently, so that they are landed again."""
    schema = Path(schemas.__file__).parent / f"{kind.schema}.csv"
    text = f"{LAYOUT_VERSION} {kind.dialect!r} {kind.control!r}\n{schema.read_text('utf-8')}"
    return hashlib.sha256(text.encode()).hexdigest()


def _merged(old: list[Refusal], new: list[Refusal], considered: set[str] | None) -> list[Refusal]:
    """Refusals of before and now; those not met again are closed (of deliveries considered)."""
    met = {(refusal.delivery, refusal.reason): refusal for refusal in new}
    merged: list[Any] = []
    for refusal in old:
        again = met.pop((refusal.delivery, refusal.reason), None)
        if again:
            again.refused_at = refusal.refused_at
            merged.append(again)
        else:
            if considered is None or refusal.delivery in considered:
                refusal.is_open = False
            merged.append(refusal)
    return merged + list(met.values())
