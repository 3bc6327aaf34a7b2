"""Generates the estate: exports in the providers' shapes, exports.yml and the planted truth."""

import importlib
import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sample_estate.aws.estate import AwsFormats
from sample_estate.aws.estate import deliver as deliver_aws
from sample_estate.aws.streams import load_company
from sample_estate.clock import create_hours, plan_months
from sample_estate.context import DeliveredExport, EstateContext
from sample_estate.engine import connect, define_macros, load_rows
from sample_estate.exchange_rates import deliver_exchange_rates
from sample_estate.inventories import deliver as deliver_inventories
from sample_estate.inventories import write_truth
from sample_estate.inventories.plan import Planned
from sample_estate.runs import deliver as deliver_runs
from sample_estate.telemetry import deliver as deliver_telemetry
from sample_estate.telemetry.slurm import deliver as deliver_jobs
from sample_estate.usage import deliver as deliver_usage

# Share of the bill rows that each provider is asked for: AWS has the hourly bill, others daily
# ones. AWS needs about 148,000 rows to have whole months; Azure counts rows of the actual file,
# on-prem node-hours.
SHARES = {
    "aws": 0.76,
    "azure": 0.05,
    "gcp": 0.06,
    "oci": 0.018,
    "neocloud": 0.018,
    "openai": 0.014,
    "anthropic": 0.014,
    "on_prem": 0.066,
}
PROVIDERS = tuple(SHARES)

_EXPORTS_YML = """\
# Written by sample_estate; locations are relative to this file.
exports:
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
    rows: int = 200_000,
    seed: int = 7,
    *,
    providers: Sequence[str] = PROVIDERS,
    months: int = 3,
    start: str = "2026-05",
    file_format: str = "parquet",
    legacy_format: str = "csv.gz",
    last_month_open: bool = True,
    superseded: bool | None = None,
    inventories: bool = True,
    telemetry: bool = False,
    progress: Callable[[str], None] | None = None,
) -> EstateSummary:
    """Write an estate of about ``rows`` bill rows to ``out``, replacing what is there.

    ``providers`` share the rows among them. ``file_format`` is parquet or csv (csv.gz) for the
    CUR 2.0 export; ``legacy_format`` is csv.gz, csv or parquet. The same arguments and DuckDB
    version give the same bytes. ``superseded`` also delivers an older assembly of the second month
    (None: by size). ``inventories`` also writes what clouds and clusters list of what they bill,
    ``telemetry`` what machines of AWS were seen doing, the runs on them and the use of models;
    the bills are the same without. ``progress`` is told each step. Raises ValueError for an
    argument that makes no estate.
    """
    unknown = sorted(set(providers) - set(PROVIDERS))
    if unknown or not providers:
        raise ValueError(f"unknown provider {unknown}; choose among {', '.join(PROVIDERS)}")
    root = Path(out).resolve()
    formats = AwsFormats(file_format, legacy_format, superseded)
    tell = progress or (lambda step: None)
    whole = sum(SHARES[provider] for provider in providers)
    share = {provider: int(rows * SHARES[provider] / whole) for provider in providers}
    planned = plan_months(start, months, None)
    exports: list[DeliveredExport] = []
    listed: list[DeliveredExport] = []
    truth = Planned()
    superseded_rows: dict[str, int] = {}
    seconds: dict[str, float] = {}
    if min(share.values()) < 1:
        raise ValueError("an estate needs at least one row of each provider")
    formats.check()
    _clear(root)
    for provider in sorted(providers, key=PROVIDERS.index):
        began = time.perf_counter()
        with tempfile.TemporaryDirectory(prefix="estate-") as work:
            con = connect(Path(work))
            define_macros(con, seed)
            if provider == "aws":
                delivered, superseded_rows, planned = deliver_aws(
                    con, root, share[provider], start, months, formats, last_month_open, tell
                )
            else:
                load_company(con, [])
                create_hours(con, planned)
                module = importlib.import_module(f"sample_estate.{provider}")
                delivered = module.deliver(
                    EstateContext(con, root, planned, share[provider], seed, last_month_open)
                )
                tell(provider)
            if inventories:
                estate = EstateContext(con, root, planned, share[provider], seed, last_month_open)
                written_lists, planted = deliver_inventories(provider, estate)
                listed += written_lists
                truth.add(planted)
            con.close()
        exports += delivered
        seconds[provider] = time.perf_counter() - began
    if providers != ("aws",):
        exports.append(deliver_exchange_rates(root, planned))
    if telemetry and "aws" in providers:
        listed += deliver_telemetry(root, [month.name for month in planned], seed)
        listed += deliver_runs(root, seed)
        listed += deliver_usage(root, seed)
    if telemetry and "on_prem" in providers:
        listed += deliver_jobs(root, [month.name for month in planned], seed)
    if inventories:
        with tempfile.TemporaryDirectory(prefix="estate-") as work:
            write_truth(truth, root / "truth", Path(work))
    (root / "exports.yml").write_text(_exports_yml(exports + listed), encoding="utf-8")
    _write_planted_totals(root, exports)
    written = [path for path in root.rglob("*") if path.is_file()]
    return EstateSummary(
        root=root,
        seed=seed,
        months=[month.name for month in planned],
        rows={export.name: export.rows for export in exports},
        superseded_rows=superseded_rows,
        files=len(written),
        bytes=sum(path.stat().st_size for path in written),
        seconds=seconds,
    )


def _exports_yml(exports: list[DeliveredExport]) -> str:
    sections = ("exports", "inventories", "telemetry", "ml_runs", "usage", "rates")
    entries: dict[str, list[str]] = {section: [] for section in sections}
    for export in exports:
        fields = {
            "name": export.name,
            "kind": export.kind,
            "location": export.location
            if "://" in export.location
            else f"./{export.location.removeprefix('./')}",
        }
        options = {key: f'"{value}"' for key, value in export.options.items()}
        if export.section == "exports":
            fields |= options
        elif options:
            inner = ", ".join(f"{key}: {value}" for key, value in options.items())
            fields["options"] = f"{{{inner}}}"
        listed = ", ".join(f"{key}: {value}" for key, value in fields.items())
        entries[export.section].append(f"  - {{{listed}}}\n")
    text = _EXPORTS_YML + "".join(entries.pop("exports"))
    for section, lines in entries.items():
        if lines:
            text += f"{section}:\n" + "".join(lines)
    return text


def _write_planted_totals(root: Path, exports: list[DeliveredExport]) -> None:
    """``truth/planted_totals.parquet``: what months of exports other than AWS hold, by kind."""
    rows = [
        {"source": export.name, **vars(total)}
        | {
            "billed_cost": str(total.billed_cost),
            "effective_cost": None if total.effective_cost is None else str(total.effective_cost),
        }
        for export in exports
        for total in export.totals
    ]
    columns = {
        "source": "varchar",
        "month": "varchar",
        "billing_account_id": "varchar",
        "currency": "varchar",
        "charge_kind": "varchar",
        "billed_cost": "decimal(38,16)",
        "effective_cost": "decimal(38,16)",
    }
    (root / "truth").mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="estate-") as work:
        con = connect(Path(work))
        load_rows(con, "planted", columns, rows)
        con.execute(
            "copy (from planted order by all) to "
            f"'{root / 'truth' / 'planted_totals.parquet'}' (format parquet, compression zstd)"
        )
        con.close()


def _clear(root: Path) -> None:
    """Remove an earlier estate's folders; refuse a folder that holds anything else."""
    folders = ("exports", "inventories", "runs", "telemetry", "truth", "usage")
    ours = {*folders, "exports.yml"}
    if root.exists():
        strange = sorted(path.name for path in root.iterdir() if path.name not in ours)
        if strange:
            raise ValueError(
                f"{root} holds {strange[0]!r}, which no estate wrote; choose an empty folder"
            )
    for name in folders:
        shutil.rmtree(root / name, ignore_errors=True)
    root.mkdir(parents=True, exist_ok=True)
