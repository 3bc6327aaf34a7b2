"""Where things are: the repository root, the data folder, and the environment tools run in.

Nothing here touches a database or the network; importing it is free of side effects.
"""

from __future__ import annotations

import os
from pathlib import Path

from orchestration.exports.errors import ConfigError

ROOT = Path(__file__).resolve().parent.parent
DEFAULT_EXPORTS = "exports.yml"

# dbt reads the path of a database as a URL: what follows one of these would be cut off.
UNUSABLE_IN_PATHS = "#?"

# dbt, Dagster and Great Expectations each phone home unless told not to.
TELEMETRY_OFF = {
    "DO_NOT_TRACK": "1",
    "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    "DAGSTER_DISABLE_TELEMETRY": "1",
    "GX_ANALYTICS_ENABLED": "false",
}


def home() -> Path:
    """Absolute path of the data folder: ``AI_FINOPS_HOME``, or ``data`` below the repository."""
    named = os.environ.get("AI_FINOPS_HOME")
    return Path(named).expanduser().resolve() if named else ROOT / "data"


def exports_file() -> Path:
    """Absolute path of the file that names the exports: ``AI_FINOPS_EXPORTS`` or exports.yml."""
    named = os.environ.get("AI_FINOPS_EXPORTS", DEFAULT_EXPORTS)
    path = Path(named).expanduser()
    return path if path.is_absolute() else (ROOT / path)


def private_file(data: Path) -> Path:
    """The private DuckDB file: staging, mappings, vocabulary, and landing's own tables."""
    return data / "warehouse.duckdb"


def public_build_file(data: Path) -> Path:
    """The public tables while they are being built; publishing copies it and renames the copy."""
    return data / "build" / "ai_finops.duckdb"


def published_file(data: Path) -> Path:
    """What analysts and BI tools open, read-only."""
    return data / "published" / "ai_finops.duckdb"


def target_path() -> Path:
    """Where dbt keeps its manifest and compiled SQL: ``DBT_TARGET_PATH`` or ``target``."""
    return Path(os.environ.get("DBT_TARGET_PATH", ROOT / "target"))


def prepare_environment(data: Path | None = None) -> Path:
    """Create the data folder's skeleton and set the variables that dbt and Dagster read.

    Returns the absolute data folder. Variables that a user has set are kept, except
    ``AI_FINOPS_HOME``, which is made absolute because dbt resolves it in its own working folder.
    Raises ConfigError where the folder's name is one that dbt cannot open.
    """
    data = (data or home()).resolve()
    if unusable := sorted({char for char in str(data) if char in UNUSABLE_IN_PATHS}):
        raise ConfigError(
            "AI_FINOPS_HOME",
            None,
            f"the data folder {data} has {' '.join(unusable)} in its path, and dbt would read that "
            "as part of an address.",
            "Name a folder without it.",
        )
    for folder in ("build", "published", "tmp"):
        (data / folder).mkdir(parents=True, exist_ok=True)
    os.environ["AI_FINOPS_HOME"] = str(data)
    for name, value in TELEMETRY_OFF.items():
        os.environ.setdefault(name, value)
    return data
