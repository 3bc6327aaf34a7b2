"""dbt's parsed project, kept by the process; and what every call of dbt has in common."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

# Failures are in dbt's result; its log would print them a second time, and a traceback for Ctrl-C.
# The manifest as JSON is for who needs it: a build would write it three times, 3.6 s of 34.
QUIET = ("--log-level", "none", "--no-write-json", "--no-use-colors")


def folders(root: Path) -> list[str]:
    """Arguments that name the project and the profiles."""
    return ["--project-dir", str(root), "--profiles-dir", str(root)]


def parsed(root: Path, files: list[Path]) -> Any:
    """The parsed project as dbt's own object, parsed once while its files are the same.

    dbt would parse it anew for each data folder, 5 s of CPU, because a connection to another file
    counts as another project for it. Raises RuntimeError with dbt's message where it does not
    parse.
    """
    return _parsed(root, tuple((path, path.stat().st_mtime_ns) for path in files))


@lru_cache(maxsize=2)
def _parsed(root: Path, files: tuple[tuple[Path, int], ...]) -> Any:
    from dbt.cli.main import dbtRunner

    outcome = dbtRunner().invoke(["parse", *QUIET, *folders(root)])
    raise_interrupt(outcome)
    if outcome.exception is not None:
        raise RuntimeError(str(outcome.exception))
    return outcome.result


def raise_interrupt(outcome: Any) -> None:
    """Raise Ctrl-C again, which dbt hands over as a result."""
    if isinstance(outcome.exception, KeyboardInterrupt):
        raise KeyboardInterrupt
