"""What is committed: no file too long to read, no traces of a machine, nothing left half done."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from orchestration.project import ROOT

MODULE_LINES = 450
SQL_COLUMNS = 100

# Where the CI names the machine that it runs on.
CI_FOLDER = ROOT / ".ci"

# Built from parts, so that this file does not contain what it looks for.
TRACES = {
    "a path of one machine": "|".join(
        (
            "/ho" + "me/[a-z]",
            "/Use" + "rs/[a-z]",
            "/ro" + "ot/",
            "/wo" + "rk/",
            r"[A-Z]:\\Use" + "rs",
        )
    ),
    "a folder outside the repository": r"\.\./sha" + "red",
    "an address of a package index": "|".join(
        re.escape(host) for host in ("pypi" + ".org", "python" + "hosted.org", " --index" + "-url")
    ),
    "unfinished work": "|".join(
        rf"\b{word}\b" for word in ("TO" + "DO", "FIX" + "ME", "NotImplemented" + "Error")
    ),
    "a switched-off test": "|".join(("pytest.mark" + r"\.skip\(", "x" + r"fail")),
}


@pytest.fixture(scope="session")
def tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "-C", str(ROOT), "ls-files", "-z"], capture_output=True, text=True, check=False
    )
    if listed.returncode != 0:
        pytest.skip("not a git checkout, so there are no tracked files to look at")
    paths = [ROOT / name for name in listed.stdout.split("\0") if name]
    return [path for path in paths if path.is_file()]


def test_python_modules_stay_readable(tracked: list[Path]) -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in tracked
        if path.suffix == ".py" and (lines := len(path.read_text().splitlines())) > MODULE_LINES
    }
    assert long == {}


def test_sql_fits_its_columns(tracked: list[Path]) -> None:
    """Of models, macros and tests as written; the linter would measure what macros expand to."""
    long = [
        f"{path.relative_to(ROOT)}:{number}: {len(line)} columns"
        for path in tracked
        if path.suffix == ".sql"
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if len(line) > SQL_COLUMNS
    ]
    assert long == []


@pytest.mark.parametrize("kind", TRACES)
def test_tracked_files_hold_no(kind: str, tracked: list[Path]) -> None:
    found = []
    for path in tracked:
        if CI_FOLDER in path.parents:
            continue
        try:
            text = path.read_text()
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(text.splitlines(), start=1):
            if re.search(TRACES[kind], line):
                found.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}")
    assert found == []
