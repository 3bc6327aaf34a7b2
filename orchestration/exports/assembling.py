"""From delivered files to prepared versions: read, profile, split, and describe for the ledger."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from orchestration.exports import contents, reading, reading_json
from orchestration.exports.columns import FileSql
from orchestration.exports.deliveries import Delivery
from orchestration.exports.errors import EmptyFile, RefusedDelivery
from orchestration.exports.filesystem import Location, SourceFile
from orchestration.exports.headers import Drift
from orchestration.exports.kinds import Dataset, Kind
from orchestration.exports.preparing import Preparation
from orchestration.exports.profiling import Profile, profile
from orchestration.exports.progress import LandingProgress
from orchestration.exports.reading import LocalFile
from orchestration.exports.splitting import Piece, pieces
from orchestration.exports.workspace import (
    LONGEST_NAME,
    OUR_MISTAKES,
    in_order,
    is_disk_full,
    landed_name,
)

NOT_THE_FILE = (*OUR_MISTAKES, duckdb.OutOfMemoryException)


@dataclass
class PreparedFile:
    """A delivered file read into scratch: its columns, figures, and rows by billing period.

    `group` is the delivery that it came with.
    """

    group: str
    sql: FileSql
    profile: Profile
    pieces: list[Piece]

    @property
    def local(self) -> LocalFile:
        """The file itself."""
        return self.sql.local

    @property
    def dataset(self) -> Dataset:
        """What it holds."""
        return self.sql.dataset


@dataclass
class Part:
    """One file's share of a billing period."""

    file: PreparedFile
    piece: Piece


@dataclass
class Version:
    """A billing period's complete replacement, prepared and not yet in place."""

    dataset: Dataset
    period: str
    parts: list[Part]
    drift: list[Drift] = field(default_factory=list)

    @property
    def table(self) -> str:
        """Table of the dataset."""
        return self.dataset.table

    @property
    def coverage(self) -> set[tuple[str, str]]:
        """(billing account, usage account) pairs that it holds."""
        return {pair for part in self.parts for pair in part.piece.coverage}

    @property
    def landed_rows(self) -> int:
        """Rows that are read."""
        return sum(part.piece.landed_rows for part in self.parts)

    def content(self, digest_of_kind: str) -> str:
        """Digest of what was delivered: the same content is the same version."""
        files = [part.file.local for part in self.parts]
        lines = sorted(
            f"{file.source.path} {file.contents.get(self.period, file.checksum)}" for file in files
        )
        head = [digest_of_kind, self.table, self.period]
        return hashlib.sha256("\n".join([*head, *lines]).encode()).hexdigest()


def read_delivery(
    kind: Kind,
    location: Location,
    delivery: Delivery,
    folder: Path,
    progress: LandingProgress,
    account: str | None = None,
    options: Mapping[str, str] | None = None,
) -> list[PreparedFile]:
    """Read all files of a delivery; any refusal refuses it whole. Raises RefusedDelivery.

    Several files are read at once: unpacking gzip and JSON keeps one processor busy and no more.
    """

    def read(number: int, connection: duckdb.DuckDBPyConnection) -> PreparedFile | EmptyFile:
        work = folder / str(number)
        work.mkdir(parents=True)
        reader = _Reader(connection, kind, location, delivery, work, account, options)
        try:
            return reader.read(delivery.files[number], progress.advance)
        except EmptyFile as nothing:
            return nothing

    prepared: list[PreparedFile] = []
    empty: list[EmptyFile] = []
    with contextlib.closing(in_order(read, len(delivery.files), folder)) as results:
        for found in results:
            if isinstance(found, EmptyFile):
                empty.append(found)
                continue
            _check_stated(delivery, found)
            progress.file_done(found.profile.rows)
            prepared.append(found)
    location.verify_unchanged(delivery.watched)
    if empty and not prepared:
        raise empty[0]
    for nothing in empty:
        # BigQuery writes as many shards as it likes, some of them without rows.
        path = nothing.file_path or ""
        note = Drift(path, "", "empty_file", "a part without rows; nothing of it is landed")
        prepared[0].local.header.drift.append(note)
    return prepared


@dataclass
class _Reader:
    """Reads a delivered file into scratch; what is wrong with it becomes a RefusedDelivery."""

    connection: duckdb.DuckDBPyConnection
    kind: Kind
    location: Location
    delivery: Delivery
    work: Path
    account: str | None
    options: Mapping[str, str] | None

    def read(self, file: SourceFile, on_bytes: Callable[[int], None]) -> PreparedFile:
        _refuse_long_name(file)
        local, dataset = self._as_parquet(file, on_bytes)
        connection, period = self.connection, self.delivery.billing_period
        sql = FileSql(dataset, local, self.account, self.options)
        try:
            if self.kind.prepare:
                told = self.delivery.delivered_at
                self.kind.prepare(Preparation(connection, sql, self.work, told))
            found = profile(connection, sql, period)
            if not found.rows and not found.malformed and period is None:
                raise EmptyFile(
                    "the file has a header and no rows, so its billing period is unknown.",
                    "Nothing to do if the month has just begun; rows are landed once they are "
                    "there.",
                    file_path=file.path,
                )
            self._tell_dataset(sql)
            split = pieces(connection, sql, found, period, self.work)
        except duckdb.Error as error:
            if is_disk_full(error) or isinstance(error, NOT_THE_FILE):
                raise
            raise RefusedDelivery(
                f"the file's data cannot be read: {str(error).splitlines()[0]}.",
                "It is damaged: let it be delivered again.",
                file_path=file.path,
            ) from error
        _check_complete(local, found, split)
        return PreparedFile(self.delivery.label, sql, found, split)

    def _as_parquet(
        self, file: SourceFile, on_bytes: Callable[[int], None]
    ) -> tuple[LocalFile, Dataset]:
        target = self.work / "delivered.parquet"
        text_format = reading.file_format(file)
        if text_format == "parquet":
            return reading.read_parquet_file(
                self.connection,
                lambda names: self._by_header(names, file),
                reading.kept_whole(self.kind),
                self.location,
                file,
                target,
                on_bytes,
            )
        is_csv = text_format.startswith("csv")
        if is_csv:
            header, dataset, delimiter = reading.read_csv_header(
                lambda names: self._by_header(names, file),
                self.location,
                file,
                self.kind.delimiters,
                self.delivery.columns,
            )
        if self.location.is_local:
            path = Path(file.full_path)
            checksum = self.location.checksum(file, on_bytes)
        else:
            packed = ".gz" if text_format.endswith(".gz") else ""
            path = self.work / f"delivered.{text_format.split('.')[0]}{packed}"
            checksum = self.location.fetch(file, path, on_bytes)
        if is_csv:
            lines = 0 if self.delivery.columns else 1
            counted, rejects = reading.convert_csv(
                self.connection, header, path, target, delimiter, lines
            )
        else:
            names, counted, rejects = reading_json.convert_json(
                self.connection,
                file.path,
                path,
                target,
                records=self.kind.records,
                whole=reading.kept_whole(self.kind),
                hidden=contents.spellings(self.kind),
            )
            dataset = self._by_header(names, file)
            header = reading.text_header(dataset, file, names)
        if not self.location.is_local:
            path.unlink()
        return LocalFile(file, target, checksum, text_format, header, counted, rejects), dataset

    def _by_header(self, names: list[str], file: SourceFile) -> Dataset:
        """The dataset that a file with these columns fills, as far as they tell."""
        if self.delivery.table:
            return self.kind.dataset(self.delivery.table)
        table = self.kind.by_header(names) if self.kind.by_header else None
        return self.kind.dataset(table) if table else self.kind.datasets[0]

    def _tell_dataset(self, sql: FileSql) -> None:
        """Let the rows tell the dataset where neither manifest nor path nor header does."""
        if self.delivery.table or not self.kind.by_content:
            return
        for table, condition in self.kind.by_content(sql):
            found = self.connection.execute(
                f"select coalesce(bool_or({condition}), false) from {sql.relation}"
            ).fetchone()
            if found[0]:
                sql.dataset = self.kind.dataset(table)
                return


def _check_complete(local: LocalFile, found: Profile, split: list[Piece]) -> None:
    """Rows and cost are counted three times on their way; a difference would be a wrong bill."""
    rows = sum(piece.landed_rows + piece.quarantined_rows for piece in split)
    cost = sum((piece.landed_cost + piece.quarantined_cost for piece in split), Decimal(0))
    expected = found.cost + sum((piece.malformed_cost for piece in split), Decimal(0))
    counted = (local.counted, local.counted + found.malformed, expected)
    if counted != (found.rows, rows, cost):
        raise RefusedDelivery(
            f"the file's figures disagree: {local.counted} rows and {found.malformed} malformed "
            f"records delivered, {found.rows} read back, {rows} landed or held back; cost "
            f"{expected} read, {cost} landed or held back.",
            "Run again; if it stays so, the disk or DuckDB is at fault, not the bill: keep the "
            "file and report it.",
            file_path=local.source.path,
            transient=True,
        )


def _refuse_long_name(file: SourceFile) -> None:
    """Object stores allow longer names than a landed file and its quarantine can have."""
    longest = max(landed_name(file.path, converted=True).split("/"), key=lambda n: len(n.encode()))
    if len(longest.encode()) > LONGEST_NAME:
        raise RefusedDelivery(
            f"the name {file.path[:60]!r}... is too long to be landed: {len(longest.encode())} "
            f"bytes in one part of the path, {LONGEST_NAME} at most.",
            "Deliver the file under a shorter name.",
            file_path=file.path,
        )


def _check_stated(delivery: Delivery, found: PreparedFile) -> None:
    """A manifest that states other row counts than the file has describes another file."""
    stated = delivery.stated.get(found.local.source.path)
    found_rows = found.profile.rows + found.profile.malformed
    if stated and stated.rows is not None and stated.rows != found_rows:
        raise RefusedDelivery(
            f"the manifest states {stated.rows} rows, the file has {found_rows}.",
            "It is cut off or from another run: let it be delivered again.",
            file_path=found.local.source.path,
        )


def assemble(dataset: Dataset, period: str, files: list[PreparedFile]) -> Version:
    """The version of a period of a dataset: files of identical content count once."""
    version = Version(dataset, period, [])
    by_checksum: dict[str, str] = {}
    for file in files:
        if file.dataset.table != dataset.table:
            continue
        path = file.local.source.path
        for piece in file.pieces:
            if piece.period != period:
                continue
            # The same list on another day is another snapshot.
            twin = by_checksum.setdefault(f"{file.local.checksum} {file.local.day}", path)
            if twin != path:
                detail = f"the same bytes as {twin}; landed once"
                version.drift.append(Drift(path, "", "duplicate_file", detail))
                continue
            version.parts.append(Part(file, piece))
            version.drift.extend(file.local.header.drift)
    return version


def build_version(version: Version, folder: Path) -> None:
    """Move the parts into the version's folder under their delivered paths."""
    folder.mkdir(parents=True)
    for part in version.parts:
        target = folder / landed_name(part.file.local.source.path, part.file.local.converted)
        target.parent.mkdir(parents=True, exist_ok=True)
        os.replace(part.piece.parquet, target)


def move_quarantine(version: Version, folder: Path) -> list[str]:
    """Move rows held back to where people look for them; returns paths relative to `folder`."""
    shutil.rmtree(folder, ignore_errors=True)
    moved = []
    for part in version.parts:
        if part.piece.quarantine:
            name = landed_name(part.file.local.source.path, converted=False) + ".csv"
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            os.replace(part.piece.quarantine, folder / name)
            moved.append(name)
    return moved


def describe(version: Version, stated: Delivery | None) -> dict[str, Any]:
    """The part of a sidecar that follows from the files: per file, per account, drift, columns."""
    variants: dict[str, Any] = {}
    files = []
    has_net = any(part.file.profile.has_net_costs for part in version.parts)
    for part in version.parts:
        local, piece = part.file.local, part.piece
        columns = [
            column.to_json() | {"empty": column.physical in part.file.profile.empty_columns}
            for column in local.header.columns
        ]
        shape = [
            (c["physical"], c["sql_type"], c["target"], c["map_key"], c["path"], c["time_format"])
            for c in columns
        ]
        marks = (piece.has_source_row, local.converted, has_net)
        variant = hashlib.sha256(repr((shape, marks)).encode()).hexdigest()[:12]
        known = variants.setdefault(variant, {"columns": columns})
        for column, seen in zip(known["columns"], columns, strict=True):
            column["empty"] = column["empty"] and seen["empty"]
            column["placeholders"] = column["placeholders"] or seen["placeholders"]
        figures = stated.stated.get(local.source.path) if stated else None
        currencies = {total.currency for total in piece.totals if total.landed_rows}
        files.append(
            {
                "file_path": local.source.path,
                "landed_path": landed_name(local.source.path, local.converted),
                "file_format": local.file_format,
                "checksum_sha256": local.checksum,
                "bytes": local.source.bytes,
                "file_rows": _delivered_rows(part),
                "landed_rows": piece.landed_rows,
                "quarantined_rows": piece.quarantined_rows,
                "stated_rows": figures.rows if figures else None,
                "stated_cost": None,
                "landed_cost": piece.landed_cost,
                "quarantined_cost": piece.quarantined_cost,
                "rows_beyond_scale": piece.rows_beyond,
                "cost_beyond_scale": piece.cost_beyond,
                "currency": currencies.pop() if len(currencies) == 1 else None,
                "schema_variant": variant,
                "has_source_row": piece.has_source_row,
                "converted": local.converted,
            }
        )
    return {
        "files": files,
        "totals": [asdict(total) for total in _totals(version)],
        "coverage": version.coverage,
        "drift": [asdict(drift) for drift in version.drift],
        "variants": variants,
        "has_net_costs": has_net,
    }


def _delivered_rows(part: Part) -> int:
    """Records counted in the file; of a file with several months, the month's share of them."""
    if len(part.file.pieces) == 1:
        return part.file.local.counted + part.file.profile.malformed
    return part.piece.landed_rows + part.piece.quarantined_rows


def _totals(version: Version) -> list[Any]:
    """Totals by billing account and currency over all parts."""
    merged: dict[tuple[str | None, str | None], Any] = {}
    for part in version.parts:
        for total in part.piece.totals:
            key = (total.billing_account, total.currency)
            known = merged.setdefault(key, type(total)(*key))
            for name in ("landed_rows", "landed_cost", "quarantined_rows", "quarantined_cost"):
                setattr(known, name, getattr(known, name) + getattr(total, name))
    return list(merged.values())
