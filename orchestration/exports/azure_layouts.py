"""How Azure Cost Management lays out its exports: month folders, runs with a manifest, loose files.

`<export>/<yyyymmdd>-<yyyymmdd>/[<yyyymmddhhmm>/]<run guid>/part_0_0001.csv` with a manifest.json,
or `<export>/<yyyymmdd>-<yyyymmdd>/<export>_<guid>.csv` without one. Newest wins by the manifest's
submission time or the run folder's name. File times and random ids never decide.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from orchestration.exports.aws_layouts import is_manifest, parse_time
from orchestration.exports.deliveries import (
    ALL_SUFFIXES,
    Delivery,
    Discovery,
    StatedFigures,
    is_data,
    missing_part,
)
from orchestration.exports.errors import RefusedDelivery
from orchestration.exports.filesystem import Location, SourceFile

MONTH = re.compile(
    r"^(?P<root>.*?)(?P<span>(?P<start>20\d{6})-(?P<end>20\d{6}))/(?:(?P<run>.+)/)?(?P<name>[^/]+)$"
)
RUN_TIME = re.compile(r"(?:^|/)(\d{12})(?:/|$)")
PART = re.compile(r"^(?P<stem>.*part_\d+_)(?P<number>\d{4})(?P<rest>\..*)$", re.IGNORECASE)
#: What an export holds, by exportConfig.type in lower case, and the dataset it fills.
COST_TYPES = {"actualcost": "actual", "usage": "actual", "amortizedcost": "amortized"}
PRICE_TYPES = {"pricesheet": "prices"}
#: What to do with an export of another type.
OTHER_KINDS = {
    "focuscost": "It is a FOCUS export: give it an entry of its own with `kind: focus`.",
    "pricesheet": "It is a price sheet: give it an entry with `kind: azure_price_sheet`.",
    "actualcost": "It is a bill: give it an entry with `kind: azure_cost_details`.",
    "amortizedcost": "It is a bill: give it an entry with `kind: azure_cost_details`.",
}

TableOfPath = Callable[[str], str | None]


@dataclass(frozen=True)
class _Run:
    """The files of one run folder of one export and month."""

    root: str
    span: str
    folder: str
    files: tuple[SourceFile, ...]

    @property
    def label(self) -> str:
        return f"{self.root}{self.span}" + (f"/{self.folder}" if self.folder else "")

    @property
    def period(self) -> str | None:
        """The month of the folder; None where it spans several (a one-time export)."""
        start, _, end = self.span.partition("-")
        return f"{start[:4]}-{start[4:6]}" if start[:6] == end[:6] else None


def cost_table(path: str) -> str | None:
    """The dataset that names in a path tell; the last one counts where both words are there."""
    text = path.lower()
    actual, amortized = text.rfind("actual"), text.rfind("amort")
    if actual == amortized:
        return None
    return "actual" if actual > amortized else "amortized"


def discover(location: Location, types: Mapping[str, str], table_of_path: TableOfPath) -> Discovery:
    """Runs with manifests, month folders without, and loose files."""
    found = Discovery()
    loose: list[SourceFile] = []
    runs: dict[tuple[str, str, str], list[SourceFile]] = {}
    for file in location.files():
        match = MONTH.match(file.path)
        if match:
            place = (match["root"], match["span"], match["run"] or "")
            runs.setdefault(place, []).append(file)
        elif is_data(file, ALL_SUFFIXES) and not is_manifest(file):
            loose.append(file)
    by_month: dict[tuple[str, str], list[_Run]] = {}
    for (root, span, folder), files in sorted(runs.items()):
        by_month.setdefault((root, span), []).append(_Run(root, span, folder, tuple(files)))
    roots_with_manifest = {run.root for month in by_month.values() for run in month if _has(run)}
    for (root, _), month in by_month.items():
        for run in month:
            if _has(run):
                delivery = _from_manifest(location, run, types, found)
                if delivery:
                    found.deliveries.append(delivery)
        bare = [run for run in month if not _has(run) and any(is_data(f) for f in run.files)]
        if bare and root in roots_with_manifest:
            for run in bare:
                found.refuse(
                    run.label,
                    f"{len(run.files)} files are there without a manifest while other runs of "
                    "the export have one.",
                    "The run is still being written: it is landed once its manifest is there.",
                    run.files[0].path,
                )
        elif bare:
            named = partial(_named, location.root.rsplit("/", 1)[-1], table_of_path)
            found.deliveries.extend(_without_manifest(bare, named, found))
    for stem, members in sorted(_by_stem(loose).items()):
        table = table_of_path(f"{location.root.rsplit('/', 1)[-1]}/{stem}")
        found.deliveries.append(
            Delivery(stem, None, tuple(members), table=table, problem=_gap(members))
        )
    return found


discover_cost_details = partial(discover, types=COST_TYPES, table_of_path=cost_table)
discover_price_sheet = partial(discover, types=PRICE_TYPES, table_of_path=lambda path: "prices")


def _named(location: str, table_of_path: TableOfPath, path: str) -> str | None:
    return table_of_path(f"{location}/{path}")


def _has(run: _Run) -> bool:
    return any(is_manifest(file) for file in run.files)


def _from_manifest(
    location: Location, run: _Run, types: Mapping[str, str], found: Discovery
) -> Delivery | None:
    """The run as its manifest describes it; None (and a refusal) where it is another export."""
    file = next(file for file in run.files if is_manifest(file))
    body: dict[str, Any] = {}
    problem = None
    try:
        body = json.loads(location.read_bytes(file).decode("utf-8-sig"))
        if not isinstance(body, dict):
            raise ValueError("it holds no JSON object")
    except (ValueError, OSError) as error:
        problem = RefusedDelivery(
            f"the manifest cannot be read: {str(error).splitlines()[0]}.",
            "It is cut off or being written: let it be delivered again.",
            file_path=file.path,
        )
    kind = str(_part(body, "exportConfig").get("type", ""))
    if kind and kind.lower() not in types:
        found.refuse(
            run.label,
            f"the manifest says that the export is of type {kind}.",
            OTHER_KINDS.get(kind.lower(), "It holds no bill: leave it out of `location`."),
            file.path,
        )
        return None
    files, stated, missing = ([], {}, None) if problem else _listed(body, file, run)
    submitted = parse_time(str(_part(body, "runInfo").get("submittedTime", "")))
    return Delivery(
        label=run.label,
        billing_period=run.period,
        files=tuple(files),
        manifest=file,
        root=run.root,
        table=types.get(kind.lower()),
        assembly_id=str(_part(body, "runInfo").get("runId") or run.folder) or None,
        delivered_at=submitted or _folder_time(run.folder),
        newest_key=_newest_key(submitted or _folder_time(run.folder), run.folder),
        stated=stated,
        problem=problem or missing,
    )


def _part(body: dict[str, Any], name: str) -> dict[str, Any]:
    part = body.get(name)
    return part if isinstance(part, dict) else {}


def _listed(
    body: dict[str, Any], manifest: SourceFile, run: _Run
) -> tuple[list[SourceFile], dict[str, StatedFigures], RefusedDelivery | None]:
    """The blobs that a manifest lists, found by name: paths in it start at the container."""
    blobs = [blob for blob in body.get("blobs") or [] if isinstance(blob, dict)]
    here = {file.name: file for file in run.files}
    chosen: list[SourceFile] = []
    stated: dict[str, StatedFigures] = {}

    def refused(reason: str, remedy: str, path: str) -> Any:
        return chosen, stated, RefusedDelivery(reason, remedy, file_path=path, transient=True)

    if not blobs:
        return refused("the manifest lists no blobs.", "Let the export run again.", manifest.path)
    for blob in blobs:
        name = str(blob.get("blobName", "")).rsplit("/", 1)[-1]
        file = here.get(name)
        if file is None:
            return refused(
                f"the manifest lists {name or blob!r}, which is not there ({len(blobs)} blobs "
                "listed).",
                "The delivery is incomplete: it is landed once all its files are there.",
                manifest.path,
            )
        if not is_data(file):
            return refused(
                "the file is neither Parquet nor CSV nor gzip CSV.",
                "Set the export's format to CSV or Parquet.",
                file.path,
            )
        figures = StatedFigures(
            rows=_figure(blob.get("dataRowCount")), bytes=_figure(blob.get("byteCount"))
        )
        if figures.bytes is not None and figures.bytes != file.bytes:
            return refused(
                f"the manifest states {figures.bytes} bytes, the file has {file.bytes}.",
                "It is still being written or cut off: it is landed once both agree.",
                file.path,
            )
        chosen.append(file)
        stated[file.path] = figures
    return chosen, stated, None


def _figure(value: Any) -> int | None:
    return int(value) if str(value).isdigit() else None


def _without_manifest(
    runs: list[_Run], table_of_path: TableOfPath, found: Discovery
) -> list[Delivery]:
    """Month folders without manifests: each file stem of each run folder is one delivery."""
    deliveries = []
    for run in runs:
        data = [file for file in run.files if is_data(file)]
        for stem, members in sorted(_by_stem(data).items()):
            written = _folder_time(run.folder)
            deliveries.append(
                Delivery(
                    label=stem,
                    billing_period=run.period,
                    files=tuple(members),
                    root=run.root,
                    table=table_of_path(stem),
                    assembly_id=run.folder or None,
                    delivered_at=written,
                    newest_key=_newest_key(written, run.folder),
                    problem=_gap(members),
                )
            )
    undated: dict[str | None, list[Delivery]] = {}
    for delivery in deliveries:
        if not delivery.newest_key:
            undated.setdefault(delivery.table, []).append(delivery)
    rivals = [group for group in undated.values() if len(group) > 1]
    for group in rivals:
        found.refuse(
            f"{runs[0].root}{runs[0].span}",
            f"{len(group)} files of this month compete, and nothing says which is newest: "
            f"{', '.join(d.label.rsplit('/', 1)[-1] for d in group[:4])}.",
            "Each holds the whole month so far: keep the newest only, or let the export overwrite "
            "its data or write a manifest (file partitioning).",
            group[0].files[0].path,
        )
    refused = {id(delivery) for group in rivals for delivery in group}
    return [delivery for delivery in deliveries if id(delivery) not in refused]


def _by_stem(files: Iterable[SourceFile]) -> dict[str, list[SourceFile]]:
    """Files by what they are parts of; a file without part number stands alone."""
    stems: dict[str, list[SourceFile]] = {}
    for file in files:
        match = PART.match(file.name)
        folder = file.path[: -len(file.name)]
        stem = f"{folder}{match['stem']}{match['rest']}" if match else file.path
        stems.setdefault(stem, []).append(file)
    return stems


def _gap(files: list[SourceFile]) -> RefusedDelivery | None:
    """The refusal for a gap in part_0_0001, part_0_0002 ..., or None."""
    matches = [match for file in files if (match := PART.match(file.name))]
    numbers = {int(match["number"]) for match in matches}
    if matches and (absent := sorted(set(range(1, max(numbers) + 1)) - numbers)):
        return missing_part(f"{matches[0]['stem']}{absent[0]:04d}{matches[0]['rest']}")
    return None


def _folder_time(folder: str) -> datetime | None:
    """The time in a run folder's name, yyyymmddhhmm, or None."""
    match = RUN_TIME.search(folder)
    if not match:
        return None
    try:
        return datetime.strptime(match[1], "%Y%m%d%H%M").replace(tzinfo=UTC)
    except ValueError:
        return None


def _newest_key(written: datetime | None, folder: str) -> str:
    return f"{written:%Y%m%dT%H%M%S.%f} {folder}" if written else ""
