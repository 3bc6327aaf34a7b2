"""Run a step in a process of its own and read its time, rows and peak memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

MARK = "BENCH "


@dataclass(frozen=True)
class Measured:
    """What a step said of itself, its wall time in seconds, and its peak memory in bytes."""

    said: dict[str, Any]
    wall_seconds: float
    peak_bytes: int


def say(**figures: Any) -> None:
    """Called inside a step: report figures to the process that measures."""
    print(MARK + json.dumps(figures), flush=True)


def run(module: str, *arguments: str, environment: dict[str, str] | None = None) -> Measured:
    """Run ``python -m module arguments`` and wait for it.

    The peak is the kernel's own figure for that process. Raises RuntimeError with the end of the
    step's output where it fails.
    """
    import time

    started = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, **(environment or {})},
    )
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.monotonic() - started
    if process.returncode != 0:
        raise RuntimeError(f"{module} {' '.join(arguments)} failed:\n{output[-3000:]}")
    said = {}
    for line in output.splitlines():
        if line.startswith(MARK):
            said |= json.loads(line[len(MARK) :])
    # ru_maxrss is in KiB on Linux, in bytes on macOS.
    return Measured(said, wall, usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024))
