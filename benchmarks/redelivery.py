"""A CUR 2.0 month delivered once more: what a nightly refresh has to land and convert again."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import duckdb


def redeliver_last_month(files: list[Path]) -> None:
    """Deliver the last month once more as a newer run, the first row of its first file gone."""
    run_folder = files[-1].parent
    newer = run_folder.with_name(re.sub(r"^\d{4}", "2030", run_folder.name))
    newer.mkdir()
    first, *others = sorted(run_folder.iterdir())
    for file in others:
        shutil.copyfile(file, newer / file.name)
    reader = f"read_parquet('{first}')"
    options = "format parquet, compression snappy"
    if first.suffix == ".gz":
        reader = f"read_csv('{first}', all_varchar = true, header = true)"
        options = "format csv, header, compression gzip"
    with duckdb.connect() as connection:
        connection.execute(
            f"copy (select * from {reader} offset 1) to '{newer / first.name}' ({options})"
        )
    data = run_folder.parent
    metadata = data.parent.parent / "metadata" / data.name
    (metadata / newer.name).mkdir()
    for manifest in metadata.glob("*-Manifest.json"):
        text = manifest.read_text().replace(run_folder.name, newer.name)
        manifest.write_text(text)
        (metadata / newer.name / manifest.name).write_text(text)


def forget_redelivery(export: Path) -> None:
    """Put the bills back as generated, for the next measurement over the same folder."""
    for run_folder in [*export.glob("*/data/*/2030*"), *export.glob("*/metadata/*/2030*")]:
        shutil.rmtree(run_folder)
    for period in export.glob("*/metadata/*"):
        newest = max(folder for folder in period.iterdir() if folder.is_dir())
        for manifest in newest.iterdir():
            shutil.copyfile(manifest, period / manifest.name)
