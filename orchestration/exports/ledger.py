"""The ledger on disk: what was landed (for ever), which version is current, what was refused.

Sidecars are written once and never changed; the pointer `current.json` is replaced atomically, so
a reader sees the old or the new month. Everything else is derived from the two.
"""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from orchestration.exports.errors import RefusedDelivery
from orchestration.exports.workspace import Workspace

Json = dict[str, Any]


@dataclass
class Pointer:
    """`current.json` of a (source, billing period). `version_id` None: withdrawn.

    `sequence` counts replacements; sidecars with a higher one were never made current. `pruned_at`:
    its files are gone by the company's rule of retention; what was built of it stays.
    """

    sequence: int
    version_id: str | None
    reason: str | None = None
    pruned_at: str | None = None


@dataclass
class Refusal:
    """A delivery that was not landed, why, and what to do. `is_open`: so at the last run too."""

    source_name: str
    delivery: str
    refused_at: str
    file_path: str | None
    column_name: str | None
    reason: str
    remedy: str
    is_open: bool = True

    def __str__(self) -> str:
        at = f" ({self.file_path})" if self.file_path and self.file_path != self.delivery else ""
        return f"{self.source_name}, {self.delivery}{at}: {self.reason} {self.remedy}"

    @classmethod
    def of(cls, source: str, delivery: str, refused: RefusedDelivery) -> Refusal:
        """A refusal of now."""
        return cls(
            source,
            delivery,
            utc_now(),
            refused.file_path,
            refused.column_name,
            refused.reason,
            refused.remedy,
            refused.open,
        )


@dataclass
class SourceState:
    """What landing remembers of a source between runs, besides what it landed.

    `seen` maps a delivery (its month, or the label of loose files) to its fingerprint, outcome and
    places; an unchanged delivery is skipped without being read.
    """

    seen: dict[str, Json] = field(default_factory=dict)
    refusals: list[Refusal] = field(default_factory=list)


def utc_now() -> str:
    """Now as ISO text in UTC, to the second."""
    return datetime.now(UTC).replace(tzinfo=None).isoformat(sep=" ", timespec="seconds")


class Ledger:
    """Ledger of one table of a source; `tables` are all that the source has."""

    def __init__(
        self, workspace: Workspace, source: str, table: str, tables: tuple[str, ...] = ()
    ) -> None:
        self.workspace = workspace
        self.source = source
        self.table = table
        self.tables = tables or (table,)
        self.folder = workspace.ledger_folder(source)

    # -- pointers ---------------------------------------------------------------------------

    def period_folder(self, period: str) -> Path:
        """Folder of the versions of a billing period."""
        return self.workspace.period_folder(self.source, self.table, period)

    def pointer(self, period: str) -> Pointer:
        """The current version's pointer; sequence 0 where nothing was ever landed."""
        path = self.period_folder(period) / "current.json"
        return Pointer(**json.loads(path.read_text())) if path.exists() else Pointer(0, None)

    def periods(self) -> list[str]:
        """Billing periods that have a pointer."""
        found = (self.workspace.raw / self.source / self.table).glob(
            "billing_period=*/current.json"
        )
        return sorted(path.parent.name.split("=", 1)[1] for path in found)

    def current(self, period: str) -> Json | None:
        """The sidecar of the current version, or None."""
        version = self.pointer(period).version_id
        return self.sidecar(period, version) if version else None

    def point_to(self, period: str, version: str | None, sequence: int, reason: str | None) -> None:
        """Make a version current (or none): the one step that readers see."""
        folder = self.period_folder(period)
        write_json(folder / "current.json", asdict(Pointer(sequence, version, reason)))

    def withdraw(self, period: str, reason: str) -> bool:
        """Make no version current; False where none was."""
        pointer = self.pointer(period)
        if pointer.version_id is None:
            return False
        self.point_to(period, None, pointer.sequence + 1, reason)
        return True

    def prune(self, period: str) -> int:
        """Delete the files of a month's version, which stays the current one; returns bytes."""
        pointer = self.pointer(period)
        folder = self.period_folder(period)
        freed = sum(p.stat().st_size for p in folder.glob("*/**/*") if p.is_file())
        # First said, then done: a reader that meets the pointer no longer looks for the files.
        pointer.pruned_at = utc_now()
        write_json(folder / "current.json", asdict(pointer))
        self._keep_only(folder, set())
        return freed

    # -- sidecars ---------------------------------------------------------------------------

    def sidecar_path(self, period: str, version: str) -> Path:
        """Where the ledger of a version lies."""
        return self.folder / f"billing_period={period}" / f"{version}.json"

    def sidecar(self, period: str, version: str) -> Json:
        """The ledger of a version."""
        return json.loads(self.sidecar_path(period, version).read_text())

    def free_version_id(self, period: str, content: str) -> str:
        """An id for new content of a period: its digest, numbered when it comes back later."""
        version, count = content[:16], 1
        while self.sidecar_path(period, version).exists():
            count += 1
            version = f"{content[:16]}-{count}"
        return version

    def publish(self, period: str, version: str, prepared: Path, sidecar: Json) -> None:
        """Move a prepared version into place, write its sidecar, then make it current."""
        folder = self.period_folder(period)
        folder.mkdir(parents=True, exist_ok=True)
        sync_tree(prepared)
        os.replace(prepared, folder / version)
        sequence = self.pointer(period).sequence + 1
        write_json(self.sidecar_path(period, version), sidecar | {"sequence": sequence})
        self.point_to(period, version, sequence, None)

    def clean_up(self) -> None:
        """Remove data of superseded versions and whatever a killed run left half done."""
        for period in self.periods():
            pointer = self.pointer(period)
            kept = set() if pointer.pruned_at else {pointer.version_id}
            self._keep_only(self.period_folder(period), kept)
            held_back = self.workspace.quarantine_folder(self.source, period, "_").parent
            self._keep_only(held_back, self._current_ids(period))
            for path in self.sidecar_path(period, "_").parent.glob("*.json"):
                body = json.loads(path.read_text())
                if body["table_name"] == self.table and body["sequence"] > pointer.sequence:
                    path.unlink()
        self._clean_up_unpointed()

    @staticmethod
    def _keep_only(folder: Path, names: set[str | None]) -> None:
        for entry in folder.iterdir() if folder.exists() else []:
            if entry.is_dir() and entry.name not in names:
                shutil.rmtree(entry, ignore_errors=True)

    def _siblings(self) -> list[Ledger]:
        return [Ledger(self.workspace, self.source, table) for table in self.tables]

    def _current_ids(self, period: str) -> set[str | None]:
        """Current versions of the period in any table: they share the quarantine folder."""
        return {ledger.pointer(period).version_id for ledger in self._siblings()}

    def _clean_up_unpointed(self) -> None:
        """Months whose first landing was killed before its pointer was written."""
        anywhere = {period for ledger in self._siblings() for period in ledger.periods()}
        data = self.workspace.raw / self.source / self.table
        for root, known in ((data, set(self.periods())), (self.folder, anywhere)):
            for folder in root.glob("billing_period=*"):
                if folder.name.split("=", 1)[1] not in known:
                    shutil.rmtree(folder, ignore_errors=True)

    # -- state ------------------------------------------------------------------------------

    def load_state(self) -> SourceState:
        """What is remembered of the source; empty at the first run."""
        path = self.folder / "state.json"
        if not path.exists():
            return SourceState()
        body = json.loads(path.read_text())
        for known in body["seen"].values():
            # Written so before a source could fill several tables.
            if "periods" in known:
                known["places"] = [[self.table, period] for period in known.pop("periods")]
        return SourceState(body["seen"], [Refusal(**entry) for entry in body["refusals"]])

    def save_state(self, state: SourceState) -> None:
        """Replace what is remembered."""
        write_json(self.folder / "state.json", asdict(state))


def write_json(path: Path, body: Json) -> None:
    """Write JSON so that a reader or a crash sees the old file or the new one, never a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.tmp")
    try:
        with partial.open("w", encoding="utf-8") as sink:
            json.dump(body, sink, default=_plain, separators=(",", ":"))
            sink.flush()
            os.fsync(sink.fileno())
        os.replace(partial, path)
    except OSError:
        partial.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def sync_tree(folder: Path) -> None:
    """Bring a prepared version to the disk before anything points to it."""
    for path in [folder, *folder.rglob("*")]:
        if path.is_dir():
            _sync_folder(path)
        else:
            with path.open("rb") as file:
                os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None).isoformat(sep=" ")
    if isinstance(value, (set, tuple)):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")
