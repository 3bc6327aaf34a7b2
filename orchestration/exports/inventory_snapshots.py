"""Which snapshot an inventory file belongs to: its day, and the part of the world that it covers.

A snapshot says what was there on a day. The day is in the rows, or in the path
(`.../2026-06-01/...`), or in exports.yml; a file's own time says when it was copied, so it never
counts. Files of one scope follow each other: what the next one lacks is gone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from orchestration.exports.columns import names_of
from orchestration.exports.deliveries import (
    ALL_SUFFIXES,
    Delivery,
    Discovery,
    is_data,
    missing_part,
    numbering_gap,
)
from orchestration.exports.errors import RefusedDelivery
from orchestration.exports.filesystem import Location, SourceFile
from orchestration.exports.kinds.base import Column
from orchestration.exports.preparing import Preparation
from orchestration.exports.schemas import literal

#: Table dumps of Slurm and the like come as text files.
INVENTORY_SUFFIXES = (*ALL_SUFFIXES, ".txt")
#: Ways to write a day in a path, with or without the time of day.
TIME_OF_DAY = r"(?:[T_ ](?P<hour>\d{2})[:-]?(?P<minute>\d{2})(?:[:-]?(?P<second>\d{2}))?Z?)?"
DAYS = (
    re.compile(r"(?<!\d)(?P<year>20\d{2})-(?P<month>\d{2})-(?P<day>\d{2})(?!\d)" + TIME_OF_DAY),
    re.compile(r"(?<!\d)(?P<year>20\d{2})(?P<month>\d{2})(?P<day>\d{2})(?!\d)" + TIME_OF_DAY),
    re.compile(r"(?<!\d)(?P<year>20\d{2})/(?P<month>\d{2})/(?P<day>\d{2})(?!\d)"),
    re.compile(r"year=(?P<year>20\d{2})/month=(?P<month>\d{1,2})/day=(?P<day>\d{1,2})(?!\d)"),
)
#: Pages and shards are numbered; twelve digits without leading zeros are an account.
PAGE_NUMBER = re.compile(r"[-_](?P<number>\d{1,5}|000000\d{6})$")
#: What landing adds to every row of an inventory.
ADDED = {"snapshot_at": "TIMESTAMP", "snapshot_scope": "VARCHAR"}


def discover_inventory(location: Location) -> Discovery:
    """Every data file counts; numbered pages of a dump belong together, and none may be missing."""
    found = Discovery()
    groups: dict[str, list[SourceFile]] = {}
    for file in location.files():
        if is_data(file, INVENTORY_SUFFIXES):
            groups.setdefault(_page_group(file), []).append(file)
    for label, members in sorted(groups.items()):
        numbered = [file for file in members if PAGE_NUMBER.search(_stem(file.name))]
        gap = numbering_gap(numbered)
        problem = missing_part(gap) if gap else None
        found.deliveries.append(Delivery(label, None, tuple(members), problem=problem))
    return found


def day_in(path: str) -> datetime | None:
    """The last day that a path names; None where it names none."""
    matches = [match for pattern in DAYS for match in pattern.finditer(path)]
    for match in sorted(matches, key=lambda match: match.end(), reverse=True):
        parts = {name: int(value) for name, value in match.groupdict().items() if value}
        try:
            return datetime(**parts)
        except ValueError:
            continue  # 20269999 is a number, not a day
    return None


def scope_of(path: str) -> str:
    """A file's path without day and page number: the same for the same part of every snapshot."""
    stem = path[: -len(_name(path))] + _stem(_name(path))
    # Days first: the end of 2026-06-01 looks like a page.
    for pattern in DAYS:
        stem = pattern.sub("", stem)
    stem = PAGE_NUMBER.sub("", stem)
    return "/".join(part.strip("-_. ") for part in stem.split("/") if part.strip("-_. "))


def add_snapshot(
    preparation: Preparation,
    stated: Column | None = None,
    more: dict[str, str] | None = None,
    times: tuple[str, ...] = (),
) -> None:
    """Write day and scope of the snapshot into every row, and the columns of `more` (name -> SQL).

    `stated` are declared columns that tell the time of a row, `times` SQL of further texts that do.
    Raises RefusedDelivery where nothing tells the day.
    """
    sql = preparation.sql
    source = sql.local.source
    told = [sql.text(name) for name in names_of(stated) if sql.columns(name)]
    told += times
    day = day_in(source.full_path) or _as_of(sql.options)
    if day is None and not _any_told(preparation, told):
        raise RefusedDelivery(
            "nothing tells the day of this snapshot: neither its rows nor its path.",
            "Put it into a folder named after the day (.../2026-06-01/...), or add "
            "`options: {as_of: 2026-06-01}` to its entry of exports.yml.",
            file_path=source.path,
            column_name=names_of(stated)[0] if stated else None,
        )
    read = [_as_time(text) for text in told]
    if day is not None:
        if not _any_told(preparation, told):
            sql.local.day = day.isoformat()
        read.append(f"timestamp {literal(day.isoformat(sep=' '))}")
    values = {
        "snapshot_at": f"coalesce({', '.join(read)})",
        "snapshot_scope": literal(scope_of(source.path)),
        **(more or {}),
    }
    added = ADDED | dict.fromkeys(more or {}, "VARCHAR")
    header = sql.local.header
    header.drift[:] = [drift for drift in header.drift if drift.column_name not in added]
    selected = ", ".join(f"{value} as {name}" for name, value in values.items())
    preparation.rewrite(
        f"select * exclude (file_row_number), {selected} from {sql.relation}", added
    )


def _any_told(preparation: Preparation, told: list[str]) -> bool:
    if not told:
        return False
    filled = " or ".join(f"{text} is not null" for text in told)
    found = preparation.connection.execute(
        f"select coalesce(bool_or({filled}), false) from {preparation.sql.relation}"
    ).fetchone()
    return bool(found and found[0])


def check_day(value: str) -> tuple[str, str] | None:
    """What is wrong with an `as_of` of exports.yml; None where nothing is."""
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return "is no day.", "Write it as YYYY-MM-DD, such as 2026-06-01."
    return None


def _as_of(options: Mapping[str, str]) -> datetime | None:
    value = options.get("as_of")
    if not value:
        return None
    day = datetime.fromisoformat(value)
    return day.astimezone(UTC).replace(tzinfo=None) if day.tzinfo else day


def _as_time(text: str) -> str:
    """SQL of a time written as ISO, with Go's zone suffix, or as seconds since 1970."""
    plain = f"replace({text}, ' +0000 UTC', '')"
    seconds = f"to_timestamp(try_cast({text} as double))"
    return f"try_cast({plain} as timestamp), timezone('UTC', {seconds})"


def _page_group(file: SourceFile) -> str:
    stem = file.path[: -len(file.name)] + _stem(file.name)
    match = PAGE_NUMBER.search(stem)
    if match and len(match["number"]) in (5, 12):
        return stem[: match.start()]
    return file.path


def _name(path: str) -> str:
    return path.rsplit("/", 1)[-1]


def _stem(name: str) -> str:
    """A file name without its endings."""
    endings: Iterable[str] = sorted(INVENTORY_SUFFIXES, key=len, reverse=True)
    for ending in endings:
        if name.lower().endswith(ending):
            return name[: -len(ending)]
    return name
