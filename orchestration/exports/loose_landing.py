"""Landing of loose files: no manifest and no month folders, so their rows tell the months.

A file may hold several months and a month several files. The unit of refusal is a group of
numbered parts; the unit of landing is the month of a dataset (a place), made of all groups that
hold it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from orchestration.exports import assembling
from orchestration.exports.assembling import PreparedFile
from orchestration.exports.deliveries import Delivery
from orchestration.exports.disjoint import check_disjoint
from orchestration.exports.errors import RefusedDelivery
from orchestration.exports.filesystem import Location
from orchestration.exports.progress import LandingProgress
from orchestration.exports.workspace import one_session

#: A table of the source and a billing period.
Place = tuple[str, str]

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
    here = {group.label: group for group in groups}
    touched = {place for label in new for place in _places_before(landing, label)}
    touched |= _places_missing_a_group(landing, here)
    to_read = set(new) | _touching(landing, here, touched)
    with landing.workspace.scratch_folder() as folder, one_session(folder):
        read: dict[str, list[PreparedFile]] = {}
        blocked: dict[Place, str] = {}
        # A new month of one group draws in groups that were landed for it: read until none is left.
        while waiting := sorted(label for label in to_read if label in here and label not in read):
            for label in waiting:
                read[label] = _read_group(
                    landing, location, here[label], folder / str(len(read)), progress, blocked
                )
                touched |= _places_of(read[label])
            to_read |= _touching(landing, here, touched)
        _publish_months(landing, here, read, touched, blocked, folder)
    for label in here:
        if label not in read:
            landing.skip(label, here[label])


def _places_before(landing: SourceLanding, label: str) -> set[Place]:
    """Tables and months that a group held until now."""
    known = landing.state.seen.get(label, {})
    return {(table, period) for table, period in known.get("places", [])}


def _places_of(files: list[PreparedFile]) -> set[Place]:
    """Tables and months that files hold."""
    return {(file.dataset.table, piece.period) for file in files for piece in file.pieces}


def _touching(landing: SourceLanding, here: dict[str, Delivery], places: set[Place]) -> set[str]:
    """Groups that were landed for one of the places."""
    return {label for label in here if places & _places_before(landing, label)}


def _places_missing_a_group(landing: SourceLanding, here: dict[str, Delivery]) -> set[Place]:
    """Months of vanished files that other files still hold: they are landed without them.

    A month whose files are all gone stays as it was landed: sources clean up old deliveries. Where
    files only ever add rows, a file that is gone has expired: its rows stay too.
    """
    if landing.kind.additive:
        return set()
    seen = landing.state.seen
    kept = {place for label in here for place in _places_before(landing, label)}
    loose = {label for label, known in seen.items() if known.get("loose")}
    gone = {label for label in loose - set(here) if kept & _places_before(landing, label)}
    places = {place for label in gone for place in _places_before(landing, label)} & kept
    for label in gone:
        del seen[label]
    return places


def _read_group(
    landing: SourceLanding,
    location: Location,
    group: Delivery,
    folder: Path,
    progress: LandingProgress,
    blocked: dict[Place, str],
) -> list[PreparedFile]:
    """The group's files, none if it is refused; its months of before are then left as they are."""
    before = sorted(_places_before(landing, group.label))
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
    touched: set[Place],
    blocked: dict[Place, str],
    folder: Path,
) -> None:
    failed: dict[str, RefusedDelivery] = {}
    for place in sorted(touched):
        table, period = place
        members = [label for label, files in read.items() if place in _places_of(files)]
        try:
            if place in blocked:
                raise RefusedDelivery(
                    f"{period} waits for {blocked[place]}, which is refused and held rows of it.",
                    "Mend or remove that file; the month is then landed with all its files.",
                    transient=True,
                )
            if members:
                _refuse_without_expired(landing, here, place)
                files = [file for label in members for file in read[label]]
                version = assembling.assemble(landing.kind.dataset(table), period, files)
                check_disjoint(version, folder / f"keys {table} {period}")
                landing.publish(version, None, folder)
            elif landing.ledgers[table].withdraw(period, "no delivered file holds it any more"):
                landing.report.withdrawn.append(period)
        except RefusedDelivery as refused:
            failed.update(dict.fromkeys(members, refused))
    for label, files in read.items():
        if not files:
            continue
        places = sorted(_places_of(files))
        if label in failed:
            landing.refuse_delivery(label, here[label], failed[label], places)
        else:
            landing.note(label, here[label], "landed", places)
        _mark_loose(landing, label)
    landing.save()


def _refuse_without_expired(
    landing: SourceLanding, here: dict[str, Delivery], place: Place
) -> None:
    """A month is not landed anew without the rows of a file that it had and that has expired."""
    table, period = place
    current = landing.ledgers[table].current(period) if landing.kind.additive else None
    if current is None:
        return
    there = {file.path for group in here.values() for file in group.files}
    expired = sorted({file["file_path"] for file in current["files"]} - there)
    if expired:
        raise RefusedDelivery(
            f"{period} was landed with {expired[0]} too, which is gone from the location: landed "
            "anew, the month would lose its rows.",
            "Put the file back (copy exports without deleting). If it should not count, delete the "
            f"month's current.json under the data folder's raw/{landing.export.name}/{table}/.",
            file_path=expired[0],
            transient=True,
        )


def _mark_loose(landing: SourceLanding, label: str) -> None:
    if label in landing.state.seen:
        landing.state.seen[label]["loose"] = True
