"""Pages of a vendor's usage or cost API as somebody saved them: which belong together, what lacks.

A page says whether more follow (`has_more`), but no page says which one it follows. The buckets
tell: the next page begins where this one ends. Pages that follow each other are one delivery, so
that a bill without its last page is refused instead of landed short. CSV and Parquet files have no
pages and are loose files.
"""

from __future__ import annotations

import gzip
import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from orchestration.exports.deliveries import (
    ALL_SUFFIXES,
    JSON_SUFFIXES,
    Delivery,
    Discovery,
    is_data,
    missing_part,
    numbering_gap,
    part_group,
)
from orchestration.exports.errors import RefusedDelivery
from orchestration.exports.filesystem import Location, SourceFile, is_gzip

#: How the vendors name the edges of a bucket.
STARTS = ("start_time", "starting_at")
ENDS = ("end_time", "ending_at")


@dataclass(frozen=True)
class Page:
    """One page: the buckets it holds. `subject` is what its results are, None for an empty page."""

    file: SourceFile
    subject: str | None
    start: Any
    end: Any
    has_more: bool
    cursor: str | None

    def may_follow(self, other: Page) -> bool:
        """Whether this page continues the other one."""
        same = None in (self.subject, other.subject) or self.subject == other.subject
        return same and self.start is not None and self.start == other.end


def discover_pages(location: Location) -> Discovery:
    """Every data file; pages that follow each other and numbered parts are one delivery."""
    found = Discovery()
    files = [file for file in location.files() if is_data(file, ALL_SUFFIXES)]
    pages: list[Page] = []
    problems: dict[str, RefusedDelivery] = {}
    groups = _Groups(files)
    for file in files:
        try:
            pages += _pages(location, file)
        except RefusedDelivery as refused:
            problems[file.path] = refused
    starting: dict[Any, list[Page]] = defaultdict(list)
    for page in pages:
        starting[page.start].append(page)
    for page in pages:
        if not page.has_more:
            continue
        following = [other for other in starting[page.end] if other.may_follow(page)]
        for other in following:
            groups.join(page.file.path, other.file.path)
        if not following:
            problems.setdefault(page.file.path, _missing_page(page))
    for members in groups.members():
        gap = numbering_gap(members)
        problem = next((problems[f.path] for f in members if f.path in problems), None)
        if gap and not problem:
            problem = missing_part(gap)
        found.deliveries.append(Delivery(members[0].path, None, tuple(members), problem=problem))
    return found


class _Groups:
    """Files that are landed or refused together; parts of one numbering from the start."""

    def __init__(self, files: list[SourceFile]) -> None:
        self.files = files
        self.above = {file.path: file.path for file in files}
        first: dict[str, str] = {}
        for file in files:
            self.join(first.setdefault(part_group(file), file.path), file.path)

    def join(self, one: str, other: str) -> None:
        """Make both files' groups one."""
        roots = sorted((self._root(one), self._root(other)))
        self.above[roots[1]] = roots[0]

    def members(self) -> list[list[SourceFile]]:
        """The groups, each sorted by path."""
        found: dict[str, list[SourceFile]] = defaultdict(list)
        for file in self.files:
            found[self._root(file.path)].append(file)
        return list(found.values())

    def _root(self, path: str) -> str:
        while self.above[path] != path:
            path = self.above[path]
        return path


def _pages(location: Location, file: SourceFile) -> Iterator[Page]:
    """The pages of a file; none where it is no JSON. RefusedDelivery where it holds endpoints."""
    if not file.name.lower().removesuffix(".gz").endswith(JSON_SUFFIXES):
        return
    for document in _documents(location, file):
        if not isinstance(document, dict):
            continue
        bundled = [
            name
            for name, value in document.items()
            if name.startswith("/") and isinstance(value, dict) and "data" in value
        ]
        if bundled:
            raise RefusedDelivery(
                f"the file holds the answers of {len(bundled)} endpoints under their addresses "
                f"({bundled[0]} and so on), not pages of one.",
                "Save the pages of each endpoint in a file of their own.",
                file_path=file.path,
            )
        is_page = isinstance(document.get("data"), list)
        buckets = document["data"] if is_page else [document]
        buckets = [bucket for bucket in buckets if isinstance(bucket, dict)]
        if buckets:
            yield Page(
                file=file,
                subject=_subject(buckets),
                start=_edge(buckets[0], STARTS),
                end=_edge(buckets[-1], ENDS),
                has_more=is_page and document.get("has_more") is True,
                cursor=document.get("next_page"),
            )


def _documents(location: Location, file: SourceFile) -> list[Any]:
    """The JSON documents of a file: one, a list of them, or one per line. What is no JSON is left
    to the reader of files, which says where."""
    try:
        data = location.read_bytes(file)
        text = (gzip.decompress(data) if is_gzip(file) else data).decode("utf-8-sig")
    except (OSError, EOFError, UnicodeDecodeError):
        return []
    try:
        document = json.loads(text)
    except json.JSONDecodeError:
        lines = [line for line in text.splitlines() if line.strip()]
        return [found for line in lines if (found := _parsed(line)) is not None]
    return document if isinstance(document, list) else [document]


def _parsed(line: str) -> Any:
    try:
        return json.loads(line)
    except json.JSONDecodeError:
        return None


def _subject(buckets: list[dict[str, Any]]) -> str | None:
    """What the results are (`organization.usage.completions.result`); '' where they do not say."""
    for bucket in buckets:
        for result in bucket.get("results") or []:
            return str(result.get("object", "")) if isinstance(result, dict) else ""
    return None


def _edge(bucket: dict[str, Any], names: tuple[str, ...]) -> Any:
    return next((bucket[name] for name in names if bucket.get(name) is not None), None)


def _missing_page(page: Page) -> RefusedDelivery:
    cursor = f" (page={page.cursor})" if page.cursor else ""
    return RefusedDelivery(
        f"the page says that more follow (has_more), and no file begins at {page.end}, its end.",
        f"Fetch the next page{cursor} and save it beside this one; read until has_more is false.",
        file_path=page.file.path,
        column_name="has_more",
    )
