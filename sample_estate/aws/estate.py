"""Writes the AWS exports of the estate and the planted truth about them."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb

from sample_estate import truth
from sample_estate.aws import commitments, deliveries, line_texts, streams
from sample_estate.aws.cur2 import Cur2Writer
from sample_estate.aws.fleet import main_fleet
from sample_estate.aws.legacy import LegacyWriter
from sample_estate.aws.platform import main_platform
from sample_estate.aws.research import research
from sample_estate.aws.sizing import plan_estate
from sample_estate.clock import Month, create_hours
from sample_estate.context import DeliveredExport

# Up to this size the restated month's superseded assembly is delivered too; it would add a third
# to the work of a benchmark without adding a current row.
SUPERSEDED_UP_TO = 1_000_000


@dataclass(frozen=True)
class AwsFormats:
    """File formats: parquet or csv (csv.gz) of CUR 2.0; csv.gz, csv or parquet of the report.

    ``superseded`` also delivers an older assembly of the second month (None: by size).
    """

    cur_2: str = "parquet"
    legacy: str = "csv.gz"
    superseded: bool | None = None

    def check(self) -> None:
        """Raise ValueError for a format that no writer has, before anything is replaced."""
        Cur2Writer(Path(), self.cur_2)
        LegacyWriter(Path(), self.legacy)


def deliver(
    con: duckdb.DuckDBPyConnection,
    root: Path,
    rows: int,
    start: str,
    months: int,
    formats: AwsFormats,
    last_month_open: bool,
    progress: Callable[[str], None],
) -> tuple[list[DeliveredExport], dict[str, int], list[Month]]:
    """Write the two AWS exports; returns them, rows of superseded assemblies, and the months.

    The months keep only their first days where ``rows`` are too few for whole ones.
    """
    writers: dict[str, deliveries.Writer] = {
        "aws_main": Cur2Writer(root / "exports" / "aws_main", formats.cur_2),
        "aws_research": LegacyWriter(root / "exports" / "aws_research", formats.legacy),
    }
    superseded = rows <= SUPERSEDED_UP_TO if formats.superseded is None else formats.superseded
    streams.load_company(con, [*main_fleet(), *main_platform(), *research()])
    plan = plan_estate(con, rows, start, months)
    create_hours(con, plan.months)
    streams.create_seeds(con, plan.replicas, plan.last_share_pct)
    streams.create_resources(con)
    commitments.create_commitments(con, months)
    line_texts.create_streams(con)
    deliveries.create_accumulators(con)
    for month in plan.months:
        is_closed = month.index < months - 1 or not last_month_open
        restated = superseded and is_closed and month.index == min(1, months - 1)
        for stale in (True, False) if restated else (False,):
            deliveries.deliver_month(
                con,
                month,
                writers,
                is_closed=is_closed,
                stale=stale,
                expected_rows=plan.expected_rows // months,
            )
        progress(f"aws {month.name}")
    truth.write_truth(con, root / "truth")
    counted = con.execute(
        "select source, is_current, sum(rows) from assemblies group by all order by all"
    ).fetchall()
    kinds = {"aws_main": "aws_cur_2", "aws_research": "aws_cur_legacy"}
    exports = [
        DeliveredExport(source, kinds[source], f"exports/{source}/", int(n))
        for source, current, n in counted
        if current
    ]
    return exports, {s: int(n) for s, current, n in counted if not current}, plan.months
