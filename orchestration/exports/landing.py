"""Landing: bring what exports.yml names into the data folder, whole months at a time.

`land` does it; `pending_deliveries` tells cheaply what it would read. Neither knows Dagster.
"""

from __future__ import annotations

import contextlib
import logging
from dataclasses import dataclass
from pathlib import Path

from orchestration.exports.asking import answers_folder, is_live, location_of
from orchestration.exports.collected import settled
from orchestration.exports.config import ExportsConfig
from orchestration.exports.errors import LandingError, RefusedDelivery
from orchestration.exports.landing_report import LandedVersion, LandingReport, SourceReport
from orchestration.exports.ledger import Refusal, write_json
from orchestration.exports.progress import LandingProgress, landing_progress
from orchestration.exports.source_landing import SourceLanding, discovered
from orchestration.exports.workspace import Workspace, disk_full, is_disk_full

__all__ = [
    "LandedVersion",
    "LandingReport",
    "PendingDelivery",
    "Refusal",
    "SourceReport",
    "land",
    "pending_deliveries",
]

log = logging.getLogger("orchestration.landing")


@dataclass(frozen=True)
class PendingDelivery:
    """A delivery that the next landing will read. `billing_period` is None for loose files."""

    source_name: str
    label: str
    billing_period: str | None
    files: int
    bytes: int
    fingerprint: str

    def __str__(self) -> str:
        return f"{self.source_name} {self.label} {self.fingerprint}"


def land(
    config: ExportsConfig,
    home: Path,
    *,
    only: list[str] | None = None,
    periods: list[str] | None = None,
    progress: LandingProgress | None = None,
) -> LandingReport:
    """Land new and changed deliveries of the exports (those named in `only`, or all).

    `periods` ('YYYY-MM') limits the run to these billing periods where deliveries name theirs.
    A delivery that cannot be landed is refused: it is in the report with its reason and remedy,
    and what was landed before stays current. Raises ConfigError for an unknown name in `only`,
    LandingError when another landing holds the data folder.
    """
    config = settled(config, home)
    chosen = [config.export(name) for name in only] if only is not None else config.exports
    workspace = Workspace(home)
    report = LandingReport()
    with workspace.locked(), contextlib.ExitStack() as stack:
        _write_sources(workspace, config)
        progress = progress or stack.enter_context(landing_progress())
        for export in chosen:
            landing = SourceLanding(config, export, workspace)
            report.sources.append(landing.run(progress, periods))
    return report


def pending_deliveries(config: ExportsConfig, home: Path) -> list[PendingDelivery]:
    """Deliveries that `land` would read, found by listing only; no delivered data is opened.

    Exports that cannot be listed are logged and left out: a landing reports them as refusals.
    """
    config = settled(config, home)
    workspace = Workspace(home)
    pending = []
    for export in config.exports:
        if export.collect and not Path(export.location).exists():
            continue  # not collected yet, which a landing says
        if is_live(export) and not answers_folder(export, workspace).exists():
            continue  # not asked yet, which a landing does
        try:
            choice = discovered(export, location_of(export, workspace))
        except RefusedDelivery as refused:
            log.warning("%s: %s", export.name, refused)
            continue
        landing = SourceLanding(config, export, workspace)
        pending += [
            PendingDelivery(
                export.name,
                delivery.label,
                delivery.billing_period,
                len(delivery.files),
                delivery.bytes,
                delivery.fingerprint,
            )
            for _, delivery in landing.pending(choice)
        ]
    return pending


def _write_sources(workspace: Workspace, config: ExportsConfig) -> None:
    """What raw_views reads: an export that exports.yml no longer names counts no longer."""
    body = {
        "sources": [
            {
                "name": export.name,
                "kind": export.kind,
                "provider": export.provider,
                "account": export.account,
                "options": export.options,
                "tables": [dataset.table for dataset in export.definition.datasets],
            }
            for export in config.exports
        ]
    }
    try:
        write_json(workspace.raw / "sources.json", body)
    except OSError as error:
        if not is_disk_full(error):
            raise
        raise LandingError(str(disk_full(workspace, error))) from error
