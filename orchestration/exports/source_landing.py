"""Landing of one export: skip what is known, read what is new, publish whole months."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping
from dataclasses import asdict, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from orchestration.exports import asking, assembling, overlap, schemas
from orchestration.exports.assembling import PreparedFile, Version
from orchestration.exports.choosing import Choice, choose
from orchestration.exports.collected import refused_by
from orchestration.exports.config import Export, ExportsConfig
from orchestration.exports.deliveries import Delivery, fingerprint
from orchestration.exports.errors import RefusedDelivery
from orchestration.exports.filesystem import Location
from orchestration.exports.kinds import Dataset, Kind
from orchestration.exports.landing_report import LandedVersion, SourceReport
from orchestration.exports.ledger import Json, Ledger, Refusal, SourceState, utc_now
from orchestration.exports.loose_landing import Place, land_loose
from orchestration.exports.progress import LandingProgress
from orchestration.exports.workspace import OUR_MISTAKES, Workspace, disk_full, is_disk_full

#: Raised when landed files of the same delivery would look different than before.
LAYOUT_VERSION = 3


class SourceLanding:
    """One export with its ledger and what is remembered of it."""

    def __init__(self, config: ExportsConfig, export: Export, workspace: Workspace) -> None:
        self.config = config
        self.export = export
        self.kind = export.definition
        self.workspace = workspace
        self.ledgers = ledgers_of(workspace, export)
        self.ledger = next(iter(self.ledgers.values()))
        self.state: SourceState = self.ledger.load_state()
        self.report = SourceReport(export.name, export.kind)
        self.digest = digest_of_kind(self.kind, self.export.account, self.export.options)
        self._keys: set[str] = set()

    # -- what is new ------------------------------------------------------------------------

    def pending(self, choice: Choice) -> list[tuple[str, Delivery]]:
        """Deliveries that are not what was seen last, as (key in what is remembered, delivery)."""
        candidates: list[tuple[str, Delivery]] = list(choice.by_period.items())
        candidates += [(delivery.label, delivery) for delivery in choice.loose]
        return [(key, delivery) for key, delivery in candidates if self._is_new(key, delivery)]

    def _is_new(self, key: str, delivery: Delivery) -> bool:
        known = self.state.seen.get(key)
        if known is None or known["fingerprint"] != self._fingerprint(delivery):
            return not self._is_older(delivery)
        if known["outcome"] == "overlap":
            return self._conflict_is_over(known)
        if known["outcome"] == "landed":
            return any(self._is_missing(table, period) for table, period in known["places"])
        return known["outcome"] == "retry"

    def _is_missing(self, table: str, period: str) -> bool:
        """Withdrawn, or pruned while another table of the month was delivered anew: the month is
        built of all its tables, so the others are needed again."""
        pointer = self.ledgers[table].pointer(period)
        if pointer.version_id is None or pointer.pruned_at is None:
            return pointer.version_id is None
        others = (ledger.pointer(period) for ledger in self.ledgers.values())
        return any(other.version_id and other.pruned_at is None for other in others)

    def _fingerprint(self, delivery: Delivery) -> str:
        as_of = self.kind.as_of() if self.kind.as_of else ""
        return f"{self.digest[:12]}{as_of}{fingerprint(delivery.watched)}"

    def _is_older(self, delivery: Delivery) -> bool:
        """A delivery older than the landed one changes nothing, whenever it arrives."""
        if not delivery.newest_key or delivery.billing_period is None:
            return False
        if delivery.table is None and len(self.ledgers) > 1:
            return False
        table = delivery.table or self.ledger.table
        current = self.ledgers[table].current(delivery.billing_period)
        return current is not None and delivery.newest_key < current["newest_key"]

    def _conflict_is_over(self, known: Json) -> bool:
        coverage = {tuple(pair) for pair in known["coverage"]}
        return self._judge(known["conflict_period"], coverage).refused is None

    def _judge(self, period: str, coverage: overlap.Coverage) -> overlap.Verdict:
        return overlap.judge(self.config, self.export, period, coverage, self._landed_coverage)

    def _landed_coverage(self, other: Export, period: str) -> overlap.Coverage:
        ledgers = ledgers_of(self.workspace, other)
        return {
            tuple(pair)
            for dataset in overlap.bills_of(other)
            if (current := ledgers[dataset.table].current(period))
            for pair in current["coverage"]
        }

    # -- landing ----------------------------------------------------------------------------

    def run(self, progress: LandingProgress, periods: list[str] | None) -> SourceReport:
        """Land what is new. Refusals are collected, never raised."""
        started = time.monotonic()
        for ledger in self.ledgers.values():
            ledger.clean_up()
        considered: set[str] | None = None
        if self.export.collect:
            # What a cloud did not answer is shown where refused files are.
            Path(self.export.location).mkdir(parents=True, exist_ok=True)
            for asked, refused in refused_by(self.export).items():
                self._refuse(asked, refused)
        try:
            asking.ask(self.export, self.workspace)
            location = asking.location_of(self.export, self.workspace)
            choice = discovered(self.export, location)
        except RefusedDelivery as refused:
            self._refuse(self.export.location, refused)
        else:
            if periods is not None:
                choice.by_period = {
                    key: d for key, d in choice.by_period.items() if d.billing_period in periods
                }
                considered = {delivery.label for delivery in choice.by_period.values()}
            for label, refused in choice.refused:
                self._refuse(label, refused)
            self._land(location, choice, progress)
        self._remember_refusals(considered)
        self.save()
        self.report.seconds = time.monotonic() - started
        return self.report

    def _land(self, location: Location, choice: Choice, progress: LandingProgress) -> None:
        self._keys = set(choice.by_period)
        new = self.pending(choice)
        new_keys = {key for key, _ in new}
        for key, delivery in choice.by_period.items():
            if key not in new_keys:
                self.skip(key, delivery)
        for key, delivery in new:
            if delivery.billing_period is not None:
                self._land_period(location, key, delivery, progress)
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
        self, location: Location, key: str, delivery: Delivery, progress: LandingProgress
    ) -> None:
        period = delivery.billing_period
        progress.begin(self.export.name, delivery.label, len(delivery.files), delivery.bytes)
        try:
            with self.workspace.scratch_folder() as folder:
                files = self.guarded_read(location, delivery, folder, progress)
                dataset = self._one_dataset(files, delivery)
                self._refuse_second(key, dataset.table, delivery)
                outcome = self.publish(
                    assembling.assemble(dataset, period, files), delivery, folder
                )
            self.remember(key, delivery, "landed", [(dataset.table, period)])
        except RefusedDelivery as refused:
            outcome = "refused"
            self.refuse_delivery(key, delivery, refused, [(delivery.table or "", period)])
        progress.end(outcome)

    def _one_dataset(self, files: list[PreparedFile], delivery: Delivery) -> Dataset:
        """The dataset of a delivery; its files tell together, and must tell the same."""
        if delivery.table:
            return self.kind.dataset(delivery.table)
        found = {file.dataset.table: file.dataset for file in files}
        # Parts in which nothing tells go with those in which something does.
        telling = [d for table, d in found.items() if table != self.kind.datasets[0].table]
        if len(telling) > 1:
            raise RefusedDelivery(
                f"its files hold different data: {', '.join(sorted(found))}.",
                "Deliver each in a folder of its own.",
            )
        dataset = telling[0] if telling else self.kind.datasets[0]
        for file in files:
            file.sql.dataset = dataset
        return dataset

    def _refuse_second(self, key: str, table: str, delivery: Delivery) -> None:
        """Two folders that both turn out to hold the same month of the same dataset."""
        place = [table, delivery.billing_period]
        for other, known in self.state.seen.items():
            if other != key and other in self._keys and place in [list(p) for p in known["places"]]:
                raise RefusedDelivery(
                    f"{other} and {key} both hold {table} of {delivery.billing_period}.",
                    "Give each an entry of its own in exports.yml, with its own location.",
                )

    def guarded_read(
        self, location: Location, delivery: Delivery, folder: Path, progress: LandingProgress
    ) -> list[PreparedFile]:
        """Read a delivery; failing disks, memory and networks become refusals."""
        if delivery.problem:
            raise delivery.problem
        try:
            return assembling.read_delivery(
                self.kind,
                location,
                delivery,
                folder,
                progress,
                self.export.account,
                self.export.options,
            )
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
        current = self.ledgers[version.table].current(version.period)
        if current and self._is_known(version, current, content):
            self.report.skipped += 1
            return "unchanged"
        if current and not version.landed_rows and any(f["landed_rows"] for f in current["files"]):
            raise RefusedDelivery(
                f"the delivery holds no rows, but {version.period} has rows landed.",
                "If the month became empty, delete its current.json under the data folder's raw/.",
            )
        verdict = overlap.Verdict(None, [])
        if version.dataset in overlap.bills_of(self.export):
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

    def _is_known(self, version: Version, current: Json, content: str) -> bool:
        """Whether a version is what is landed. Of a pruned month only other files are news: read in
        another way, the same ones would bring back what was deleted."""
        if not self.ledgers[version.table].pointer(version.period).pruned_at:
            return current["content"] == content
        files = sorted(part.file.local.checksum for part in version.parts)
        same = files == sorted(file["checksum_sha256"] for file in current["files"])
        return same and not self._is_missing(version.table, version.period)

    def _put_in_place(
        self, version: Version, delivery: Delivery | None, folder: Path, content: str
    ) -> str:
        period, name = version.period, self.export.name
        ledger = self.ledgers[version.table]
        version_id = ledger.free_version_id(period, content)
        sidecar = {
            "source_name": name,
            "source_kind": self.kind.name,
            "provider": self.export.provider,
            "table_name": version.table,
            "counts_as": version.dataset.counts_as,
            "account": self.export.account,
            "billing_period": period,
            "version_id": version_id,
            "content": content,
            "newest_key": delivery.newest_key if delivery else "",
            "assembly_id": delivery.assembly_id if delivery else None,
            "delivered_at": delivery.delivered_at if delivery else None,
            "landed_at": utc_now(),
            **assembling.describe(version, delivery),
        }
        prepared = folder / f"version {version.table} {period}"
        assembling.build_version(version, prepared)
        quarantine = self.workspace.quarantine_folder(name, period, version_id)
        sidecar["quarantine_files"] = assembling.move_quarantine(version, quarantine)
        ledger.publish(period, version_id, prepared, sidecar)
        return version_id

    def _withdraw_other(self, other: Export, period: str, refused: RefusedDelivery) -> None:
        """Another export's landed month gives way; it is compared again at its next landing."""
        landing = SourceLanding(self.config, other, self.workspace)
        coverage = sorted(self._landed_coverage(other, period))
        for dataset in overlap.bills_of(other):
            landing.ledgers[dataset.table].withdraw(period, refused.reason)
        refusal = Refusal.of(other.name, period, refused)
        for known in landing.state.seen.values():
            if period in [place[1] for place in known["places"]]:
                known |= {
                    "outcome": "overlap",
                    "coverage": coverage,
                    "conflict_period": period,
                    "refusal": asdict(refusal),
                }
        landing.state.refusals = _merged(landing.state.refusals, [refusal], set())
        landing.ledger.save_state(landing.state)

    # -- remembering ------------------------------------------------------------------------

    def note(self, key: str, delivery: Delivery, outcome: str, places: list[Place]) -> None:
        """What became of a delivery, to be written with the next `save`.

        `places` are the (table, billing period) pairs that it holds.
        """
        self.state.seen[key] = {
            "fingerprint": self._fingerprint(delivery),
            "outcome": outcome,
            "places": [list(place) for place in places],
        }

    def remember(self, key: str, delivery: Delivery, outcome: str, places: list[Place]) -> None:
        """Note and write at once: what is landed and forgotten would be read again."""
        self.note(key, delivery, outcome, places)
        self.save()

    def save(self) -> None:
        """Write what is remembered; on a full disk the next run reads again what is forgotten."""
        try:
            self.ledger.save_state(self.state)
        except OSError as error:
            if not is_disk_full(error):
                raise
            self._refuse(self.export.location, disk_full(self.workspace, error))

    def refuse_delivery(
        self, key: str, delivery: Delivery, refused: RefusedDelivery, places: list[Place]
    ) -> None:
        """Report a refusal, and remember it unless its cause may be gone at the next try."""
        refusal = self._refuse(delivery.label, refused)
        if refused.transient:
            self.state.seen.pop(key, None)
            return
        coverage = refused.coverage
        self.remember(key, delivery, "overlap" if coverage else "refused", places)
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
        # Amortised cost, usage and prices are no bill: adding them up would double it.
        billed = version.parts if version.dataset.counts_as == "billed" else []
        for part in billed:
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


def discovered(export: Export, location: Location) -> Choice:
    """What an export's location offers now. Raises RefusedDelivery where it cannot be listed."""
    kind = export.definition
    found = kind.discover(location)
    return choose(found, several_datasets=len(kind.datasets) > 1)


def digest_of_kind(
    kind: Kind, account: str | None = None, options: Mapping[str, str] | None = None
) -> str:
    """Changes when deliveries are read differently, so that they are landed again: with the kind,
    and with what exports.yml says of the export."""
    text = [f"{LAYOUT_VERSION} {kind.records!r}"]
    if account:
        text.append(f"account {account}")
    if options:
        text.append(repr(sorted(options.items())))
    for dataset in kind.datasets:
        control = replace(dataset.control, extra_cost=None)
        text.append(f"{dataset.table} {dataset.dialect!r} {control!r}")
        for schema in sorted({dataset.schema, dataset.dialect.schema}):
            text.append((Path(schemas.__file__).parent / f"{schema}.csv").read_text("utf-8"))
    return hashlib.sha256("\n".join(text).encode()).hexdigest()


def ledgers_of(workspace: Workspace, export: Export) -> dict[str, Ledger]:
    """The ledgers of an export's datasets, by table."""
    tables = tuple(dataset.table for dataset in export.definition.datasets)
    return {table: Ledger(workspace, export.name, table, tables) for table in tables}


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
