"""Progress of landing: a live bar on a terminal (files, rows, bytes, rate, time left), otherwise a
log line per landed month."""

from __future__ import annotations

import contextlib
import logging
import sys
import time
from collections.abc import Iterator

from rich.console import Console
from rich.filesize import decimal as readable_bytes
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

log = logging.getLogger("orchestration.landing")


class LandingProgress:
    """Receives what landing does; this one writes a log line per delivery and nothing else."""

    def begin(self, source: str, delivery: str, files: int, total_bytes: int) -> None:
        """A delivery is about to be read."""
        self._started = time.monotonic()
        self._what = f"{source}, {delivery}"
        self._size = f"{files} files, {readable_bytes(total_bytes)}"

    def advance(self, read_bytes: int) -> None:
        """That many more delivered bytes have been read."""

    def file_done(self, rows: int) -> None:
        """A file has been read and profiled; it has that many rows."""

    def end(self, outcome: str) -> None:
        """The delivery is landed, unchanged or refused."""
        seconds = time.monotonic() - self._started
        log.info("%s: %s (%s, %.1f s)", self._what, outcome, self._size, seconds)


class TerminalProgress(LandingProgress):
    """A bar that moves with the bytes read; rows and files beside it."""

    def __init__(self, bar: Progress) -> None:
        self._bar = bar
        self._task = bar.add_task("Landing", total=0, files="", visible=False)

    def begin(self, source: str, delivery: str, files: int, total_bytes: int) -> None:
        """Show a fresh bar for the delivery."""
        super().begin(source, delivery, files, total_bytes)
        self._files, self._files_done, self._rows = files, 0, 0
        self._bar.reset(self._task, description=f"{source} {delivery}"[:60], total=total_bytes)
        self._show()

    def advance(self, read_bytes: int) -> None:
        """Move the bar."""
        self._bar.advance(self._task, read_bytes)

    def file_done(self, rows: int) -> None:
        """Count the file and its rows."""
        self._files_done += 1
        self._rows += rows
        self._show()

    def _show(self) -> None:
        counts = f"{self._files_done}/{self._files} files, {self._rows:,} rows"
        self._bar.update(self._task, files=counts, visible=True, refresh=True)

    def end(self, outcome: str) -> None:
        """Hide the bar; the report tells the outcome."""
        self._bar.update(self._task, visible=False)


@contextlib.contextmanager
def landing_progress(console: Console | None = None) -> Iterator[LandingProgress]:
    """A live bar where the console is a terminal, else log lines."""
    console = console or Console(file=sys.stderr)
    if not console.is_terminal:
        yield LandingProgress()
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TextColumn("{task.fields[files]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        yield TerminalProgress(bar)
