"""The parsed dbt project as its JSON, once per session."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from orchestration.pipeline import parsed_manifest


@pytest.fixture(scope="session")
def manifest(dbt_paths: Path) -> dict[str, Any]:
    written = dbt_paths / "manifest.json"
    parsed_manifest().write(str(written))
    return json.loads(written.read_text())
