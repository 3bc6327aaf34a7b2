"""Landing of loose files: no manifest and no month folders, so their rows tell the months.

A file may hold several months and a month several files. The unit of refusal is a group of
numbered parts; the unit of landing is the month, made of all groups that hold it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from orchestration.exports import assembling
from orchestration.exports.assembling import PreparedFile
from orchestration.exports.deliveries import Delivery
from orchestration.exports.errors import RefusedDelivery
from orchestration.exports.filesystem import Location
from orchestration.exports.progress import LandingProgress

if TYPE_CHECKING:
    from orchestration.exports.source_landing import SourceLanding


def land_loose(
    landing: SourceLanding,
    location: Location,
    groups: list[Delivery],
    new: set[str],
    progress: LandingProgress,
) -> None:
    """Land the months that new, changed or vanished groups touch."""
    seen = landing.state.seen
    here = {group.label: group for group in groups}
    touched = _months_before(landing, new)
    touched |= _months_missing_a_group(landing, here)
    to_read = set(new) | {
        label for label in here if touched & set(seen.get(label, {}).get("periods", []))
    }
    with landing.workspace.scratch_folder() as folder:
        read: dict[str, list[PreparedFile]] = {}
        blocked: dict[str, str] = {}
        # A new month of one group draws in groups that were landed for it: read until none is left.
        while waiting := sorted(label for label in to_read if label in here and label not in read):
            for label in waiting:
                read[label] = _read_group(
                    landing, location, here[label], folder / str(len(read)), progress, blocked
                )
                touched |= {p.period for file in read[label] for p in file.pieces}
            to_read |= {
                label for label in here if touched & set(seen.get(label, {}).get("periods", []))
            }
        _publish_months(landing, here, read, touched, blocked, folder)
    for label in here:
        if label not in read:
            landing.skip(label, here[label])


def _months_before(landing: SourceLanding, new: set[str]) -> set[str]:
    """Months that changed groups held until now."""
    return {
        period for label in new for period in landing.state.seen.get(label, {}).get("periods", [])
    }


def _months_missing_a_group(landing: SourceLanding, here: dict[str, Delivery]) -> set[str]:
    """Months of vanished files that other files still hold: they are landed without them.

    A month whose files are all gone stays as it was landed: sources clean up old deliveries.
    """
    seen = landing.state.seen
    kept = {p for label in here for p in seen.get(label, {}).get("periods", [])}
    loose = {label for label, known in seen.items() if known.get("loose")}
    gone = {label for label in loose - set(here) if kept & set(seen[label]["periods"])}
    months = {period for label in gone for period in seen[label]["periods"]} & kept
    for label in gone:
        del seen[label]
    return months


def _read_group(
    landing: SourceLanding,
    location: Location,
    group: Delivery,
    folder: Path,
    progress: LandingProgress,
    blocked: dict[str, str],
) -> list[PreparedFile]:
    """The group's files, none if it is refused; its months of before are then left as they are."""
    before = landing.state.seen.get(group.label, {}).get("periods", [])
    progress.begin(landing.export.name, group.label, len(group.files), group.bytes)
    try:
        files = landing.guarded_read(location, group, folder, progress)
    except RefusedDelivery as refused:
        landing.refuse_delivery(group.label, group, refused, before)
        _mark_loose(landing, group.label)
        blocked.update(dict.fromkeys(before, group.label))
        progress.end("refused")
        return []
    progress.end("read")
    return files


def _publish_months(
    landing: SourceLanding,
    here: dict[str, Delivery],
    read: dict[str, list[PreparedFile]],
    touched: set[str],
    blocked: dict[str, str],
    folder: Path,
) -> None:
    failed: dict[str, RefusedDelivery] = {}
    for period in sorted(touched):
        members = [label for label in read if _holds(read[label], period)]
        try:
            if period in blocked:
                raise RefusedDelivery(
                    f"{period} waits for {blocked[period]}, which is refused and held rows of it.",
                    "Mend or remove that file; the month is then landed with all its files.",
                    transient=True,
                )
            if members:
                files = [file for label in members for file in read[label]]
                version = assembling.assemble(period, files)
                assembling.check_disjoint(landing.kind, version, folder / f"keys {period}")
                landing.publish(version, None, folder)
            elif landing.ledger.withdraw(period, "no delivered file holds this month any more"):
                landing.report.withdrawn.append(period)
        except RefusedDelivery as refused:
            failed.update(dict.fromkeys(members, refused))
    for label, files in read.items():
        if not files:
            continue
        periods = sorted({piece.period for file in files for piece in file.pieces})
        if label in failed:
            landing.refuse_delivery(label, here[label], failed[label], periods)
        else:
            landing.remember(label, here[label], "landed", periods)
        _mark_loose(landing, label)


def _holds(files: list[PreparedFile], period: str) -> bool:
    return any(piece.period == period for file in files for piece in file.pieces)


def _mark_loose(landing: SourceLanding, label: str) -> None:
    if label in landing.state.seen:
        landing.state.seen[label]["loose"] = True
