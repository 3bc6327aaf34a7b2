"""The Dagster code location: everything below ``orchestration/defs``."""

from pathlib import Path

import dagster as dg

from orchestration.project import ROOT


@dg.definitions
def defs() -> dg.Definitions:
    """Load assets, checks, jobs, schedules and sensors from their folders."""
    return dg.load_from_defs_folder(path_within_project=Path(ROOT) / "orchestration" / "defs")
