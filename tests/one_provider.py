"""The sample estate of one provider alone, for tests of what only that provider has."""

from __future__ import annotations

import importlib
import tempfile
from pathlib import Path

from sample_estate.aws.streams import load_company
from sample_estate.clock import create_hours, plan_months
from sample_estate.context import DeliveredExport, EstateContext
from sample_estate.engine import connect, define_macros


def deliver_alone(
    provider: str, root: Path, rows: int, *, months: int = 3, seed: int = 7
) -> list[DeliveredExport]:
    """Write the provider's exports and an exports.yml below `root`."""
    with tempfile.TemporaryDirectory(prefix="estate-") as work:
        con = connect(Path(work))
        define_macros(con, seed)
        planned = plan_months("2026-05", months, None)
        load_company(con, [])
        create_hours(con, planned)
        module = importlib.import_module(f"sample_estate.{provider}")
        delivered = module.deliver(EstateContext(con, root, planned, rows, seed))
        con.close()
    lines = [
        f"  - {{name: {export.name}, kind: {export.kind}, location: ./{export.location}"
        + "".join(f', {key}: "{value}"' for key, value in export.options.items())
        + "}"
        for export in delivered
    ]
    (root / "exports.yml").write_text("\n".join(["exports:", *lines]) + "\n")
    return delivered
