"""Delivered files on any filesystem that fsspec opens: list, fingerprint, read, copy with checksum.

The only module that touches the source. `memory://`, `s3://`, `abfs://` and `gs://` behave as a
local folder does; nothing else in landing knows where a file lies.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from fsspec.core import url_to_fs

from orchestration.exports.errors import RefusedDelivery

#: Copy unit; 8 MiB keeps the hash and the disk busy without a second pass over the file.
CHUNK = 8 * 1024 * 1024
#: A header of 1,000 columns has some 40 KiB; more than this is no header.
MAX_HEADER = 4 * 1024 * 1024
GLOB = re.compile(r"[*?\[]")
# What filesystems call the mark that changes with the content. Etags first: they survive copies.
CHANGE_MARKS = (
    "ETag",
    "etag",
    "md5Hash",
    "generation",
    "mtime",
    "last_modified",
    "LastModified",
    "created",
)


@dataclass(frozen=True)
class SourceFile:
    """One delivered file: `path` relative to the export's location, `mark` changes when it does."""

    path: str
    full_path: str
    bytes: int
    mark: str

    @property
    def fingerprint(self) -> str:
        """Path, size and change mark in one text."""
        return f"{self.path}|{self.bytes}|{self.mark}"

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rsplit("/", 1)[-1]


class Location:
    """The place that `location:` names: a file, a folder or a glob, on any filesystem."""

    def __init__(self, url: str) -> None:
        self.url = url
        try:
            self.fs, path = url_to_fs(url)
        except (ImportError, ValueError) as error:
            raise RefusedDelivery(
                f"the location {url} cannot be opened: {error}.",
                "Install the extra that reads it (azure or gcs), or correct the location.",
                transient=True,
            ) from error
        self.path = path.rstrip("/") or "/"
        self.is_glob = bool(GLOB.search(self.path)) and not self._exists(self.path)
        self.root = _static_part(self.path) if self.is_glob else self.path

    def _exists(self, path: str) -> bool:
        try:
            return self.fs.exists(path)
        except (OSError, ValueError):
            return False

    @property
    def is_local(self) -> bool:
        """Whether DuckDB can read the files where they lie."""
        protocol = self.fs.protocol
        return "file" in ((protocol,) if isinstance(protocol, str) else protocol)

    def files(self) -> list[SourceFile]:
        """All files below the location, sorted by path. Raises RefusedDelivery if unreachable."""
        # Listings are compared with what was read, so they must never come from a cache.
        self.fs.invalidate_cache()
        try:
            if self.is_glob:
                found = self.fs.glob(self.path, detail=True)
            else:
                found = self.fs.find(self.path, detail=True)
        except Exception as error:
            raise RefusedDelivery(
                f"the location {self.url} cannot be listed: {_first_line(error)}.",
                "Check the address, the credentials in the environment and the network.",
                transient=True,
            ) from error
        files = [self._source_file(path, info) for path, info in found.items()]
        files = [f for f in files if f is not None and not _hidden(f.path)]
        _refuse_unnamable(files)
        if not files and not self._exists(self.root):
            raise RefusedDelivery(
                f"the location {self.url} does not exist.",
                "Correct `location` in exports.yml, or let the export be delivered.",
                transient=True,
            )
        return sorted(files, key=lambda file: file.path)

    def _source_file(self, path: str, info: dict[str, Any]) -> SourceFile | None:
        if info.get("type") != "file":
            return None
        relative = path[len(self.root) :].lstrip("/") if path != self.root else ""
        relative = relative or path.rsplit("/", 1)[-1]
        marks = [str(info[name]) for name in CHANGE_MARKS if info.get(name) is not None]
        return SourceFile(relative, path, int(info.get("size") or 0), marks[0] if marks else "")

    def read_bytes(self, file: SourceFile) -> bytes:
        """A small file (manifest) whole."""
        self.fs.invalidate_cache()
        return self.fs.cat_file(file.full_path)

    def read_header(self, file: SourceFile) -> str:
        """The beginning of a text file, unpacked, up to and including the first record's end.

        A quoted line break inside the header belongs to it. Raises RefusedDelivery for files that
        are empty, not gzip although named so, or not UTF-8.
        """
        if file.bytes == 0:
            raise RefusedDelivery(
                "the file is empty (0 bytes).",
                "Let it be delivered again.",
                file_path=file.path,
            )
        try:
            with self.fs.open(file.full_path, "rb") as raw:
                stream = gzip.GzipFile(fileobj=raw) if is_gzip(file) else raw
                data = stream.read(256 * 1024)
                while not _has_record(data) and len(data) < MAX_HEADER:
                    more = stream.read(256 * 1024)
                    if not more:
                        break
                    data += more
        except (OSError, EOFError) as error:
            raise RefusedDelivery(
                f"the file cannot be unpacked: {_first_line(error)}.",
                "It is cut off or no gzip file: let it be delivered again.",
                file_path=file.path,
            ) from error
        try:
            return io.TextIOWrapper(
                io.BytesIO(data[: _record_end(data)]), encoding="utf-8-sig", newline=""
            ).read()
        except UnicodeDecodeError as error:
            raise RefusedDelivery(
                f"the header is not UTF-8 ({error.reason} at byte {error.start}).",
                "Deliver the export as UTF-8.",
                file_path=file.path,
            ) from error

    def checksum(self, file: SourceFile, on_bytes: Callable[[int], None]) -> str:
        """SHA-256 of the file, without copying it."""
        return self._stream(file, None, on_bytes)

    def fetch(self, file: SourceFile, target: Path, on_bytes: Callable[[int], None]) -> str:
        """Copy the file byte for byte to `target`; its SHA-256 is taken on the way."""
        target.parent.mkdir(parents=True, exist_ok=True)
        return self._stream(file, target, on_bytes)

    def _stream(
        self, file: SourceFile, target: Path | None, on_bytes: Callable[[int], None]
    ) -> str:
        digest = hashlib.sha256()
        copied = 0
        try:
            # The file is read once and in order: a cache of blocks would only cost memory.
            with self.fs.open(file.full_path, "rb", **self._plain_reading()) as source:
                sink = target.open("wb") if target else None
                try:
                    while chunk := source.read(CHUNK):
                        digest.update(chunk)
                        copied += len(chunk)
                        if sink:
                            sink.write(chunk)
                        on_bytes(len(chunk))
                finally:
                    if sink:
                        sink.close()
        except FileNotFoundError as error:
            raise _changed(f"{file.path} vanished") from error
        if copied != file.bytes:
            raise _changed(f"{file.path} had {file.bytes} bytes in the listing, {copied} when read")
        return digest.hexdigest()

    def _plain_reading(self) -> dict[str, Any]:
        return {} if self.is_local else {"cache_type": "readahead", "block_size": CHUNK}

    def verify_unchanged(self, files: tuple[SourceFile, ...]) -> None:
        """Raise RefusedDelivery if any of the files is not what the listing said."""
        self.fs.invalidate_cache()
        for file in files:
            try:
                now = self._source_file(file.full_path, self.fs.info(file.full_path))
            except FileNotFoundError:
                raise _changed(f"{file.path} vanished") from None
            if now is None or (now.bytes, now.mark) != (file.bytes, file.mark):
                raise _changed(f"{file.path} is not the one that was listed")


def is_gzip(file: SourceFile) -> bool:
    """Whether the name says that the file is gzip."""
    return file.name.lower().endswith(".gz")


def _changed(what: str) -> RefusedDelivery:
    return RefusedDelivery(
        f"the delivery changed while being read: {what}.",
        "Nothing to do: the next run reads it again; what was landed before stays.",
        transient=True,
    )


def _refuse_unnamable(files: list[SourceFile]) -> None:
    """A name that is no text fits in no ledger; passing over the file would lose its rows."""
    for file in files:
        try:
            file.path.encode("utf-8")
        except UnicodeEncodeError:
            raise RefusedDelivery(
                f"the name of the file {ascii(file.path)} is not UTF-8.",
                "Rename it, or take it out of the location.",
                transient=True,
            ) from None


def _static_part(path: str) -> str:
    """The folders of a glob before its first wildcard."""
    parts: list[str] = []
    for part in PurePosixPath(path).parts[:-1]:
        if GLOB.search(part):
            break
        parts.append(part)
    return str(PurePosixPath(*parts)) if parts else ""


def _hidden(path: str) -> bool:
    """Temporary and system files: .part, ._x, _SUCCESS. Folders such as _data are not hidden."""
    name = path.rsplit("/", 1)[-1]
    return name.startswith((".", "_")) or name.endswith((".tmp", ".part", ".crc"))


def _record_end(data: bytes) -> int:
    """Where the first record ends: the first line break outside quotes."""
    quoted = False
    for match in re.finditer(rb'["\n\r]', data):
        if match[0] == b'"':
            quoted = not quoted
        elif not quoted:
            return match.end()
    return len(data)


def _has_record(data: bytes) -> bool:
    return _record_end(data) < len(data)


def _first_line(error: BaseException) -> str:
    return (str(error) or type(error).__name__).splitlines()[0].rstrip(".")
