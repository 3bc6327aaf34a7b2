"""What is measured: bills of one provider in one format, how they are made, which files count."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb

from benchmarks import redelivery
from sample_estate import generate

#: Azure's classic layout: one CSV a month below a folder of each export.
MONEY = "rtrim(rtrim(cast(cast({0} as decimal(38, 12)) as varchar), '0'), '.')"
DAY = "strftime({0}, '%m/%d/%Y')"


@dataclass(frozen=True)
class Subject:
    """Bills to measure. ``yardstick`` names the raw statement (benchmarks.raw).

    ``make`` writes about so many delivered rows below a folder; ``files`` lists, in the export's
    folder, those that count. ``redeliver`` and ``forget``, where there are any, deliver the last
    month once more and undo that.
    """

    name: str
    provider: str
    kind: str
    export: str
    yardstick: str
    make: Callable[[Path, int], None]
    files: Callable[[Path], list[Path]]
    redeliver: Callable[[list[Path]], None] | None = None
    forget: Callable[[Path], None] | None = None

    @property
    def entry(self) -> str:
        """exports.yml with this export alone."""
        location = f"exports/{self.export}/"
        return f"exports:\n  - {{name: {self.export}, kind: {self.kind}, location: {location}}}\n"


def _cur2(name: str, yardstick: str) -> Subject:
    def make(estate: Path, rows: int) -> None:
        generate(estate, rows=rows, providers=("aws",), file_format=name, superseded=False)

    def newest(export: Path) -> list[Path]:
        periods = sorted(export.glob("*/data/BILLING_PERIOD=*"))
        return [file for period in periods for file in sorted(max(period.iterdir()).iterdir())]

    return Subject(
        name,
        "AWS",
        "aws_cur_2",
        "aws_main",
        yardstick,
        make,
        newest,
        redelivery.redeliver_last_month,
        redelivery.forget_redelivery,
    )


def _make_azure(estate: Path, rows: int) -> None:
    """The estate's dollar profile comes as Parquet: its newest runs are written again as CSV.

    Three quarters of the rows are its own, and each is in both files.
    """
    generate(estate, rows=int(rows / 2 / 0.76), providers=("azure",))
    source, target = estate / "exports" / "azure_main", estate / "exports" / "azure_csv"
    with duckdb.connect() as connection:
        for month in sorted(source.glob("*/*")):
            newest = max(month.iterdir())
            run = next(newest.iterdir())
            relation = f"read_parquet('{run}/*.parquet')"
            described = connection.execute(f"describe select * from {relation}").fetchall()
            columns = ", ".join(
                {"DOUBLE": MONEY, "TIMESTAMP": DAY}.get(sql_type, "{0}").format(f'"{column}"')
                + f' as "{column}"'
                for column, sql_type, *_ in described
            )
            folder = target / month.parent.name / month.name
            folder.mkdir(parents=True)
            path = folder / f"{month.parent.name}_{run.name}.csv"
            connection.execute(
                f"copy (select {columns} from {relation}) to '{path}' (format csv, header)"
            )


def _make_gcp(estate: Path, rows: int) -> None:
    """85 of 100 rows are those of the main account, which comes as packed JSON Lines."""
    generate(estate, rows=int(rows / 0.85), providers=("gcp",))


SUBJECTS = {
    subject.name: subject
    for subject in (
        _cur2("parquet", "cur2"),
        _cur2("csv", "cur2_csv"),
        Subject(
            "azure_csv",
            "Azure",
            "azure_cost_details",
            "azure_csv",
            "azure_csv",
            _make_azure,
            lambda export: sorted(export.glob("*/*/*.csv")),
        ),
        Subject(
            "gcp_jsonl",
            "GCP",
            "gcp_billing_export",
            "gcp_main",
            "gcp_json",
            _make_gcp,
            lambda export: sorted(export.glob("*/*.jsonl.gz")),
        ),
    )
}
