"""Python and SQL keep the house style."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from orchestration.project import ROOT

TOOLS = Path(sys.executable).parent


def run(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(TOOLS / command[0]), *command[1:]],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_python_is_linted_and_formatted() -> None:
    for command in (("ruff", "check", "."), ("ruff", "format", "--check", ".")):
        outcome = run(*command)
        assert outcome.returncode == 0, outcome.stdout + outcome.stderr


def test_sql_is_linted(dbt_paths: Path, tmp_path: Path) -> None:
    """Over compiled models, so the templater opens a database: an empty one of its own."""
    (tmp_path / "build").mkdir()
    outcome = run("sqlfluff", "lint", "models", "tests/dbt/singular", AI_FINOPS_HOME=str(tmp_path))
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
