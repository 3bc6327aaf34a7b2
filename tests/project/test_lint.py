"""SQL keeps the house style; `make test` lints Python before it starts the tests."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from orchestration.project import ROOT


def test_sql_is_linted(dbt_paths: Path, tmp_path: Path) -> None:
    """Over compiled models, so the templater opens a database: an empty one of its own."""
    (tmp_path / "build").mkdir()
    outcome = subprocess.run(
        [sys.executable, "-m", "tests.project.lint_sql", "models", "tests/dbt/singular"],
        cwd=ROOT,
        env=os.environ | {"AI_FINOPS_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
