"""Command line: ``python -m sample_estate --out DIR [--rows N] [--seed N] ...``."""

import argparse
import sys

from sample_estate.estate import PROVIDERS, generate


def main(arguments: list[str] | None = None) -> int:
    """Generate an estate and print what was written; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="sample_estate", description="Generate a synthetic AI company's bills."
    )
    parser.add_argument("--out", required=True, help="folder to write (replaced)")
    parser.add_argument("--rows", type=int, default=200_000, help="bill rows, about (200000)")
    parser.add_argument(
        "--providers",
        default=",".join(PROVIDERS),
        type=lambda text: tuple(text.split(",")),
        help=f"which of {','.join(PROVIDERS)} (all)",
    )
    parser.add_argument("--seed", type=int, default=7, help="same seed, same bytes (7)")
    parser.add_argument("--months", type=int, default=3, help="months (3); the last one is open")
    parser.add_argument("--start", default="2026-05", help="first month, YYYY-MM (2026-05)")
    parser.add_argument(
        "--format",
        choices=("parquet", "csv"),
        default="parquet",
        help="of the CUR 2.0 export (parquet)",
    )
    parser.add_argument(
        "--legacy-format",
        choices=("csv.gz", "csv", "parquet"),
        default="csv.gz",
        help="of the legacy report (csv.gz)",
    )
    parser.add_argument("--closed", action="store_true", help="the last month is invoiced too")
    parser.add_argument(
        "--superseded",
        choices=("auto", "yes", "no"),
        default="auto",
        help="deliver the second month's older assembly (auto: to 1M rows)",
    )
    parser.add_argument(
        "--telemetry", action="store_true", help="also telemetry of AWS's machines and their runs"
    )
    chosen = parser.parse_args(arguments)
    try:
        summary = generate(
            chosen.out,
            rows=chosen.rows,
            seed=chosen.seed,
            providers=chosen.providers,
            months=chosen.months,
            start=chosen.start,
            file_format=chosen.format,
            legacy_format=chosen.legacy_format,
            last_month_open=not chosen.closed,
            telemetry=chosen.telemetry,
            superseded={"auto": None, "yes": True, "no": False}[chosen.superseded],
            progress=print if sys.stderr.isatty() else None,
        )
    except ValueError as error:
        print(f"sample_estate: {error}", file=sys.stderr)
        return 2
    for source, rows in summary.rows.items():
        print(f"{source:14} {rows:>12,} rows")
    print(
        f"{'total':14} {summary.total_rows:>12,} rows in {summary.files} files,"
        f" {summary.bytes / 1e6:,.1f} MB, {sum(summary.seconds.values()):.1f} s"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
