"""What discovery hands to landing: deliveries of one billing period, loose files, and problems."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from orchestration.exports.errors import RefusedDelivery
from orchestration.exports.filesystem import Location, SourceFile

DATA_SUFFIXES = (".parquet", ".csv", ".csv.gz")
JSON_SUFFIXES = (".json", ".jsonl", ".ndjson")
#: Every format that landing reads, for kinds whose deliveries may be JSON.
ALL_SUFFIXES = (*DATA_SUFFIXES, *JSON_SUFFIXES, *(f"{suffix}.gz" for suffix in JSON_SUFFIXES))
#: AWS numbers parts -00001, BigQuery its shards -000000000000.
PART_NUMBER = re.compile(r"^(?P<stem>.*?)-(?P<number>\d{5}|\d{12})(?P<rest>\..*)$")


@dataclass(frozen=True)
class Delivery:
    """Files that belong together and are landed or refused as a whole.

    `billing_period` is None for loose files, whose periods are read from their content. `root` is
    the folder of the export that wrote it. `table` is the dataset it fills where manifest or path
    tell; else its content does.
    `newest_key` orders deliveries of one period ('' where nothing tells, such as a layout that is
    overwritten in place); never a file time. `stated` are figures of the manifest by path,
    `columns` those that it names for CSV files without a header.
    """

    label: str
    billing_period: str | None
    files: tuple[SourceFile, ...]
    manifest: SourceFile | None = None
    root: str = ""
    table: str | None = None
    assembly_id: str | None = None
    delivered_at: datetime | None = None
    newest_key: str = ""
    columns: tuple[str, ...] = ()
    stated: dict[str, StatedFigures] = field(default_factory=dict, hash=False, compare=False)
    problem: RefusedDelivery | None = field(default=None, hash=False, compare=False)

    @property
    def watched(self) -> tuple[SourceFile, ...]:
        """All files whose change makes this another delivery."""
        return (*self.files, self.manifest) if self.manifest else self.files

    @property
    def bytes(self) -> int:
        """Size of the data files."""
        return sum(file.bytes for file in self.files)

    @property
    def fingerprint(self) -> str:
        """Changes with path, size or change mark of any of its files."""
        return fingerprint(self.watched)


@dataclass(frozen=True)
class StatedFigures:
    """What a manifest says about one of its files; None where it does not."""

    rows: int | None = None
    bytes: int | None = None


@dataclass
class Discovery:
    """Deliveries found, and refusals that stop before any file is read, as (label, refusal)."""

    deliveries: list[Delivery] = field(default_factory=list)
    problems: list[tuple[str, RefusedDelivery]] = field(default_factory=list)

    def refuse(self, label: str, reason: str, remedy: str, file_path: str | None = None) -> None:
        """Note something that is there and cannot be landed."""
        self.problems.append((label, RefusedDelivery(reason, remedy, file_path=file_path)))


def fingerprint(files: Iterable[SourceFile]) -> str:
    """Short digest of the files' paths, sizes and change marks."""
    text = "\n".join(sorted(file.fingerprint for file in files))
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def is_data(file: SourceFile, suffixes: tuple[str, ...] = DATA_SUFFIXES) -> bool:
    """Whether the file is one that landing reads."""
    return file.name.lower().endswith(suffixes)


def discover_loose(location: Location, suffixes: tuple[str, ...] = ALL_SUFFIXES) -> Discovery:
    """Exports without a layout: every data file counts, its rows tell the months."""
    found = Discovery()
    loose_deliveries([file for file in location.files() if is_data(file, suffixes)], found)
    return found


def numbering_gap(files: Iterable[SourceFile]) -> str | None:
    """The first part that is missing in a -00001, -00002 ... numbering, or None."""
    numbers: dict[tuple[str, str, str], set[int]] = {}
    widths: dict[tuple[str, str, str], int] = {}
    for file in files:
        match = PART_NUMBER.match(file.name)
        if match:
            place = (file.path[: -len(file.name)], match["stem"], match["rest"])
            numbers.setdefault(place, set()).add(int(match["number"]))
            widths[place] = len(match["number"])
    for (folder, stem, rest), found in sorted(numbers.items()):
        # Numbers start at 1, those of BigQuery at 0.
        width = widths[(folder, stem, rest)]
        missing = sorted(set(range(1 if width == 5 else 0, max(found) + 1)) - found)
        if missing:
            return f"{folder}{stem}-{missing[0]:0{width}d}{rest}"
    return None


def part_group(file: SourceFile) -> str:
    """Files with the same group are parts of one export run; a file without number is its own."""
    match = PART_NUMBER.match(file.name)
    folder = file.path[: -len(file.name)]
    return f"{folder}{match['stem']}{match['rest']}" if match else file.path


def loose_deliveries(files: Iterable[SourceFile], found: Discovery) -> None:
    """Files without layout or manifest, grouped by part numbering; gaps are refused."""
    groups: dict[str, list[SourceFile]] = {}
    for file in files:
        groups.setdefault(part_group(file), []).append(file)
    for label, members in sorted(groups.items()):
        gap = numbering_gap(members)
        problem = missing_part(gap) if gap else None
        found.deliveries.append(Delivery(label, None, tuple(members), problem=problem))


def missing_part(path: str) -> RefusedDelivery:
    """The refusal for a gap in the numbering of parts."""
    return RefusedDelivery(
        f"the part {path} is missing while later parts are there.",
        "Let the whole delivery be written, or copy the missing part.",
        file_path=path,
    )
