"""Generates the estate: exports in the providers' shapes, exports.yml and the planted truth."""

import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from sample_estate import truth
from sample_estate.aws import commitments, deliveries, line_texts, streams
from sample_estate.aws.cur2 import Cur2Writer
from sample_estate.aws.fleet import main_fleet
from sample_estate.aws.legacy import LegacyWriter
from sample_estate.aws.platform import main_platform
from sample_estate.aws.research import research
from sample_estate.aws.sizing import plan_estate
from sample_estate.clock import create_hours
from sample_estate.engine import connect, define_macros

# Up to this size the restated month's superseded assembly is delivered too; it would add a third
# to the work of a benchmark without adding a current row.
SUPERSEDED_UP_TO = 1_000_000

_EXPORTS_YML = """\
# Written by sample_estate; locations are relative to this file.
exports:
  - {name: aws_main, kind: aws_cur_2, location: ./exports/aws_main/}
  - {name: aws_research, kind: aws_cur_legacy, location: ./exports/aws_research/}
"""


@dataclass
class EstateSummary:
    """What was written: current rows per source, files, bytes and seconds per step."""

    root: Path
    seed: int
    months: list[str]
    rows: dict[str, int]
    superseded_rows: dict[str, int]
    files: int
    bytes: int
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def total_rows(self) -> int:
        """Current rows of all exports."""
        return sum(self.rows.values())


def generate(
    out: str | Path,
    rows: int = 150_000,
    seed: int = 7,
    *,
    months: int = 3,
    start: str = "2026-05",
    file_format: str = "parquet",
    legacy_format: str = "csv.gz",
    last_month_open: bool = True,
    superseded: bool | None = None,
    progress: Callable[[str], None] | None = None,
) -> EstateSummary:
    """Write an estate of about ``rows`` bill rows to ``out``, replacing what is there.

    ``file_format`` is parquet or csv (csv.gz) for the CUR 2.0 export; ``legacy_format`` is
    csv.gz, csv or parquet. The same arguments and DuckDB version give the same bytes.
    ``superseded`` also delivers an older assembly of the second month (None: by size).
    ``progress`` is told each month that is written.
    Raises ValueError for an argument that makes no estate.
    """
    root = Path(out).resolve()
    writers: dict[str, deliveries.Writer] = {
        "aws_main": Cur2Writer(root / "exports" / "aws_main", file_format),
        "aws_research": LegacyWriter(root / "exports" / "aws_research", legacy_format),
    }
    if superseded is None:
        superseded = rows <= SUPERSEDED_UP_TO
    began = time.perf_counter()
    seconds: dict[str, float] = {}
    with tempfile.TemporaryDirectory(prefix="estate-") as work:
        con = connect(Path(work))
        define_macros(con, seed)
        streams.load_company(con, [*main_fleet(), *main_platform(), *research()])
        plan = plan_estate(con, rows, start, months)
        _clear(root)
        create_hours(con, plan.months)
        streams.create_seeds(con, plan.replicas, plan.last_share_pct)
        streams.create_resources(con)
        commitments.create_commitments(con, months)
        line_texts.create_streams(con)
        deliveries.create_accumulators(con)
        seconds["plan"] = time.perf_counter() - began
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
            seconds[month.name] = time.perf_counter() - began - sum(seconds.values())
            if progress:
                progress(f"{month.name} written in {seconds[month.name]:.1f} s")
        (root / "exports.yml").write_text(_EXPORTS_YML, encoding="utf-8")
        truth.write_truth(con, root / "truth")
        seconds["truth"] = time.perf_counter() - began - sum(seconds.values())
        counted = con.execute(
            "select source, is_current, sum(rows) from assemblies group by all order by all"
        ).fetchall()
        con.close()
    written = [path for path in root.rglob("*") if path.is_file()]
    return EstateSummary(
        root=root,
        seed=seed,
        months=[m.name for m in plan.months],
        rows={source: int(n) for source, current, n in counted if current},
        superseded_rows={source: int(n) for source, current, n in counted if not current},
        files=len(written),
        bytes=sum(path.stat().st_size for path in written),
        seconds=seconds,
    )


def _clear(root: Path) -> None:
    """Remove an earlier estate's folders; refuse a folder that holds anything else."""
    ours = {"exports", "exports.yml", "truth"}
    if root.exists():
        strange = sorted(path.name for path in root.iterdir() if path.name not in ours)
        if strange:
            raise ValueError(
                f"{root} holds {strange[0]!r}, which no estate wrote; choose an empty folder"
            )
    for name in ("exports", "truth"):
        shutil.rmtree(root / name, ignore_errors=True)
    root.mkdir(parents=True, exist_ok=True)
