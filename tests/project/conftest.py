"""The parsed dbt project, once per session: parsing takes seconds, reading the manifest none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from orchestration.project import ROOT


@pytest.fixture(scope="session")
def manifest(dbt_paths: Path) -> dict[str, Any]:
    from dbt.cli.main import dbtRunner

    outcome = dbtRunner().invoke(
        ["parse", "--quiet", "--project-dir", str(ROOT), "--profiles-dir", str(ROOT)]
    )
    assert outcome.success, outcome.exception
    return json.loads((dbt_paths / "target" / "manifest.json").read_text())
