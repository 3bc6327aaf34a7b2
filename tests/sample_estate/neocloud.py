"""The FOCUS vendor's estate on its own, for tests that need no other provider."""

from __future__ import annotations

from pathlib import Path

from sample_estate.aws.streams import load_company
from sample_estate.clock import create_hours, plan_months
from sample_estate.context import DeliveredExport, EstateContext
from sample_estate.engine import connect, define_macros
from sample_estate.neocloud import deliver


def make(root: Path, rows: int = 4000, seed: int = 7) -> DeliveredExport:
    """Write about `rows` rows over three months below root; the last month is open."""
    con = connect(root)
    define_macros(con, seed)
    load_company(con, [])
    months = plan_months("2026-05", 3, None)
    create_hours(con, months)
    (export,) = deliver(EstateContext(con, root, months, rows, seed))
    con.close()
    return export
