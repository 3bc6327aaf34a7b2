"""How AWS lays out its exports: Data Exports (CUR 2.0), legacy reports, and loose files.

Newest wins by the run folder's timestamp, the manifest's own timestamp, or, for legacy reports, by
the manifest in the month folder, which names the assembly that counts. File times never decide.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from orchestration.exports.deliveries import (
    Delivery,
    Discovery,
    StatedFigures,
    is_data,
    loose_deliveries,
    missing_part,
    numbering_gap,
)
from orchestration.exports.errors import RefusedDelivery
from orchestration.exports.filesystem import Location, SourceFile

PARTITION = re.compile(
    r"^(?P<root>.*?)(?:(?P<tree>data|metadata)/)?BILLING_PERIOD=(?P<period>\d{4}-\d{2})/"
    r"(?:(?P<run>[^/]+)/)?(?P<name>[^/]+)$",
    re.IGNORECASE,
)
LEGACY = re.compile(
    r"^(?P<root>.*?)(?P<month>(?P<start>\d{8})-\d{8})/(?:(?P<assembly>[^/]+)/)?(?P<name>[^/]+)$"
)
RUN_TIME = re.compile(
    r"^(\d{4})-?(\d{2})-?(\d{2})T(\d{2})[:-]?(\d{2})(?:[:-]?(\d{2}))?(?:[.,](\d{1,6}))?Z?"
)
MANIFEST_TIMES = ("createdAt", "completedAt", "lastUpdatedAt", "deliveredAt")
ROW_COUNTS = ("rowCount", "numRows", "recordCount", "rows")
BYTE_COUNTS = ("sizeBytes", "byteCount", "size", "bytes")


@dataclass(frozen=True)
class _Manifest:
    """A parsed manifest: where it lies and what it lists."""

    file: SourceFile
    root: str
    period: str
    folder: str
    body: dict[str, Any]
    problem: RefusedDelivery | None


def discover_data_exports(location: Location) -> Discovery:
    """Data Exports: data/BILLING_PERIOD=YYYY-MM/[run/] with manifests below metadata/."""
    found = Discovery()
    loose: list[SourceFile] = []
    by_period: dict[tuple[str, str], list[tuple[str, SourceFile]]] = {}
    manifests: dict[tuple[str, str], list[_Manifest]] = {}
    for file in location.files():
        match = PARTITION.match(file.path)
        if match and is_manifest(file):
            manifest = _parse(location, file, match["root"], match["period"], match["run"])
            manifests.setdefault((match["root"], match["period"]), []).append(manifest)
        elif match:
            place = (match["root"], match["period"])
            by_period.setdefault(place, []).append((match["run"] or "", file))
        elif is_data(file):
            loose.append(file)
    for place in sorted(set(by_period) | set(manifests)):
        root, period = place
        all_files = by_period.get(place, [])
        files = [(run, file) for run, file in all_files if is_data(file)]
        if place in manifests:
            for manifest in manifests[place]:
                found.deliveries.append(_from_data_export(manifest, [f for _, f in all_files]))
        elif not files:
            continue
        elif any(other_root == root for other_root, _ in manifests):
            found.refuse(
                f"{root}BILLING_PERIOD={period}",
                f"{len(files)} files are there without a manifest while other months have one.",
                "The month is still being written: it is landed once its manifest is there.",
                files[0][1].path,
            )
        else:
            found.deliveries.extend(_by_run_folder(root, period, files))
    _loose_files(loose, bool(manifests), found)
    return found


def discover_legacy(location: Location) -> Discovery:
    """Legacy reports: <report>/<yyyymmdd>-<yyyymmdd>/[assemblyId/] with a manifest per month."""
    found = Discovery()
    loose: list[SourceFile] = []
    data: dict[tuple[str, str], list[tuple[str, SourceFile]]] = {}
    manifests: dict[tuple[str, str], list[_Manifest]] = {}
    for file in location.files():
        match = LEGACY.match(file.path)
        if not match:
            if is_data(file):
                loose.append(file)
            continue
        place = (match["root"], match["month"])
        if is_manifest(file):
            period = f"{match['start'][:4]}-{match['start'][4:6]}"
            manifest = _parse(location, file, match["root"], period, match["assembly"])
            manifests.setdefault(place, []).append(manifest)
        else:
            data.setdefault(place, []).append((match["assembly"] or "", file))
    for place in sorted(set(data) | set(manifests)):
        root, month = place
        period = f"{month[:4]}-{month[4:6]}"
        all_files = data.get(place, [])
        files = [(assembly, file) for assembly, file in all_files if is_data(file)]
        label = f"{root}{month}"
        if place in manifests:
            chosen = _legacy_manifest(label, manifests[place], found)
            if chosen:
                found.deliveries.append(_from_report(chosen, month, [f for _, f in all_files]))
        elif len({assembly for assembly, _ in files}) > 1:
            found.refuse(
                label,
                f"{len({a for a, _ in files})} assembly folders and no manifest: which is newest "
                "is unknown.",
                "Copy the report's manifest file into the month folder too.",
                files[0][1].path,
            )
        else:
            found.deliveries.extend(_by_run_folder(root, period, files))
    _loose_files(loose, bool(manifests), found)
    return found


def is_manifest(file: SourceFile) -> bool:
    """Whether the name is that of a manifest (Athena's own SQL and .yml helpers are not)."""
    return file.name.lower().endswith("manifest.json")


def _loose_files(files: list[SourceFile], has_manifests: bool, found: Discovery) -> None:
    """Data files outside any layout: landed by content, unless manifests rule the location."""
    if not has_manifests:
        loose_deliveries(files, found)
        return
    for file in files:
        found.refuse(
            file.path,
            "the file belongs to no month folder, and manifests say what counts here.",
            "Move it out of the location, or name it as an export of its own.",
            file.path,
        )


def _parse(
    location: Location, file: SourceFile, root: str, period: str, folder: str | None
) -> _Manifest:
    """A manifest that cannot be read makes its delivery incomplete, not absent."""
    body: dict[str, Any] = {}
    problem = None
    try:
        body = json.loads(location.read_bytes(file))
        if not isinstance(body, dict):
            raise ValueError("it holds no JSON object")
    except (ValueError, OSError) as error:
        problem = RefusedDelivery(
            f"the manifest cannot be read: {str(error).splitlines()[0]}.",
            "It is cut off or being written: let it be delivered again.",
            file_path=file.path,
        )
    return _Manifest(file, root, period, folder or "", body, problem)


def _from_data_export(manifest: _Manifest, files: list[SourceFile]) -> Delivery:
    listed = manifest.body.get("dataFiles") or manifest.body.get("data_files") or []
    anchor = f"BILLING_PERIOD={manifest.period}/"
    chosen, stated, problem = _resolve(manifest, listed, anchor, files)
    stated_time = next(
        (parse_time(str(manifest.body[key])) for key in MANIFEST_TIMES if key in manifest.body),
        None,
    )
    run = manifest.folder or _common_run(chosen)
    delivered = parse_time(run) or stated_time
    return Delivery(
        label=f"{manifest.root}BILLING_PERIOD={manifest.period}" + (f" run {run}" if run else ""),
        billing_period=manifest.period,
        files=tuple(chosen),
        manifest=manifest.file,
        root=manifest.root,
        assembly_id=run or manifest.body.get("executionId"),
        delivered_at=delivered,
        newest_key=_newest_key(delivered, run),
        stated=stated,
        problem=problem,
    )


def _from_report(manifest: _Manifest, month: str, files: list[SourceFile]) -> Delivery:
    listed = manifest.body.get("reportKeys") or []
    chosen, stated, problem = _resolve(manifest, listed, f"{month}/", files)
    return Delivery(
        label=f"{manifest.root}{month} assembly {manifest.body.get('assemblyId', '?')}",
        billing_period=manifest.period,
        files=tuple(chosen),
        manifest=manifest.file,
        root=manifest.root,
        assembly_id=manifest.body.get("assemblyId"),
        stated=stated,
        problem=problem,
    )


def _legacy_manifest(label: str, manifests: list[_Manifest], found: Discovery) -> _Manifest | None:
    """The month folder's manifest names the assembly that counts; a single assembly needs none."""
    of_month = [manifest for manifest in manifests if not manifest.folder]
    if len(of_month) == 1 or (not of_month and len(manifests) == 1):
        return (of_month or manifests)[0]
    names = ", ".join(manifest.file.path for manifest in of_month or manifests)
    found.refuse(
        label,
        f"{len(of_month or manifests)} manifests compete ({names}): which assembly counts is "
        "unknown.",
        "Keep one report per location, and its manifest in the month folder.",
        (of_month or manifests)[0].file.path,
    )
    return None


def _resolve(
    manifest: _Manifest, listed: Any, anchor: str, files: Iterable[SourceFile]
) -> tuple[list[SourceFile], dict[str, StatedFigures], RefusedDelivery | None]:
    """The files that a manifest lists, found by their path after the month folder.

    Keys in manifests carry the bucket and prefix they were written with; copies live elsewhere.
    """
    by_tail = {_tail(file.path, anchor): file for file in files}
    chosen: list[SourceFile] = []
    stated: dict[str, StatedFigures] = {}
    if manifest.problem:
        return [], {}, manifest.problem
    if not isinstance(listed, list) or not listed:
        return (
            [],
            {},
            RefusedDelivery(
                "the manifest lists no data files.",
                "Let the delivery be written again.",
                file_path=manifest.file.path,
            ),
        )
    for entry in listed:
        key, figures = _entry(entry)
        file = by_tail.get(_tail(key, anchor)) if key else None
        if file is None:
            return (
                chosen,
                stated,
                RefusedDelivery(
                    f"the manifest lists {key or entry!r}, which is not there "
                    f"({len(listed)} files listed).",
                    "The delivery is incomplete: it is landed once all its files are there.",
                    file_path=manifest.file.path,
                ),
            )
        if not is_data(file):
            return (
                chosen,
                stated,
                RefusedDelivery(
                    "the file is neither Parquet nor CSV nor gzip CSV.",
                    "Set the report's compression to GZIP or Parquet.",
                    file_path=file.path,
                ),
            )
        if file not in chosen:
            chosen.append(file)
        stated[file.path] = figures
        if figures.bytes is not None and figures.bytes != file.bytes:
            return (
                chosen,
                stated,
                RefusedDelivery(
                    f"the manifest states {figures.bytes} bytes, the file has {file.bytes}.",
                    "It is still being written or cut off: it is landed once both agree.",
                    file_path=file.path,
                ),
            )
    return chosen, stated, None


def _entry(entry: Any) -> tuple[str, StatedFigures]:
    """Key and stated figures of a manifest entry: a text, or an object with a key or URI in it."""
    if isinstance(entry, str):
        return entry, StatedFigures()
    if not isinstance(entry, dict):
        return "", StatedFigures()
    keys = ("key", "s3Key", "uri", "s3Uri", "path", "url", "name", "fileName")
    key = next((entry[name] for name in keys if isinstance(entry.get(name), str)), "")
    return key, StatedFigures(rows=_integer(entry, ROW_COUNTS), bytes=_integer(entry, BYTE_COUNTS))


def _integer(entry: dict[str, Any], names: tuple[str, ...]) -> int | None:
    return next((int(entry[n]) for n in names if str(entry.get(n, "")).isdigit()), None)


def _tail(path: str, anchor: str) -> str:
    """The part of a path after the month folder (last occurrence), or its last name."""
    position = path.rfind(anchor)
    return path[position + len(anchor) :] if position >= 0 else path.rsplit("/", 1)[-1]


def _by_run_folder(root: str, period: str, files: list[tuple[str, SourceFile]]) -> list[Delivery]:
    """Month folders without manifests: one delivery per run folder; gaps in numbering refuse it."""
    runs: dict[str, list[SourceFile]] = {}
    for run, file in files:
        runs.setdefault(run, []).append(file)
    deliveries = []
    for run, members in sorted(runs.items()):
        gap = numbering_gap(members)
        delivered = parse_time(run)
        deliveries.append(
            Delivery(
                label=f"{root}BILLING_PERIOD={period}" + (f" run {run}" if run else ""),
                billing_period=period,
                files=tuple(members),
                root=root,
                assembly_id=run or None,
                delivered_at=delivered,
                newest_key=_newest_key(delivered, run),
                problem=missing_part(gap) if gap else None,
            )
        )
    return deliveries


def _common_run(files: list[SourceFile]) -> str:
    """The run folder that all files of a delivery share, or ''."""
    runs = {(PARTITION.match(file.path) or {"run": None})["run"] or "" for file in files}
    return runs.pop() if len(runs) == 1 else ""


def _newest_key(delivered: datetime | None, run: str) -> str:
    return f"{delivered:%Y%m%dT%H%M%S.%f} {run}" if delivered else ""


def parse_time(text: str) -> datetime | None:
    """The UTC timestamp at the start of a run folder's name or a manifest's field, or None."""
    match = RUN_TIME.match(text)
    if not match:
        return None
    year, month, day, hour, minute, second, fraction = match.groups()
    micro = int((fraction or "0").ljust(6, "0"))
    try:
        return datetime(
            int(year), int(month), int(day), int(hour), int(minute), int(second or 0), micro, UTC
        )
    except ValueError:
        return None
