"""Deliveries are found in every layout AWS writes, and the newest complete one counts."""

from __future__ import annotations

import itertools
import os
from decimal import Decimal

import pytest

from tests.landing.bills import DataExport, LegacyReport, rows, write_csv, write_parquet

OLD, NEW = "2026-06-01T00:00:00.000Z-aaaa", "2026-06-02T00:00:00.000Z-0000"


@pytest.mark.parametrize("overwrite", [False, True])
@pytest.mark.parametrize("suffix", ["snappy.parquet", "csv.gz"])
def test_data_exports_land_with_run_folders_and_overwritten(house, overwrite, suffix):
    export = DataExport(house.folder / "in", overwrite=overwrite)
    export.deliver("2026-05", NEW, rows(count=7), parts=3, suffix=suffix)
    house.export("main", "aws_cur_2", "./in/")
    report = house.land()
    assert not report.refusals
    assert (report.landed[0].files, report.landed[0].rows) == (3, 7)
    assert house.total() == Decimal("2.8")
    files = house.query("select distinct _source_file from raw_aws.line_items order by 1")
    assert files[0][0].startswith("data/BILLING_PERIOD=2026-05/")
    assert files[0][0].endswith(f"cur2-00001.{suffix}")


@pytest.mark.parametrize("assembly", ["0a1b2c3d", None])
@pytest.mark.parametrize("suffix", ["csv.gz", "csv", "snappy.parquet"])
def test_legacy_reports_land_with_and_without_assembly_folders(house, assembly, suffix):
    report = LegacyReport(house.folder / "in")
    report.deliver("2026-05", rows(), assembly=assembly, parts=2, suffix=suffix)
    house.export("old", "aws_cur_legacy", "./in")
    assert not house.land().refusals
    key = "user_team" if suffix.endswith("parquet") else "user_team"
    assert house.query(
        f"select count(*), sum(line_item_unblended_cost), any_value(product['vcpu']), "
        f"any_value(product['gpu_memory']), max(resource_tags['{key}']) from raw_aws.line_items"
    ) == [(6, Decimal("2.1"), "192", "640 GB", "vision")]


def test_newest_run_wins_whatever_the_file_times_and_the_order_of_arrival(house):
    """Every order of two deliveries, landed one by one, gives the newer rows."""
    for number, order in enumerate(itertools.permutations([(OLD, "1"), (NEW, "2")])):
        export = DataExport(house.folder / f"in{number}")
        house.entries.clear()
        house.export(f"main{number}", "aws_cur_2", f"./in{number}")
        for run, cost in order:
            for path in export.deliver("2026-05", run, rows(cost=cost)):
                os.utime(path, (0, 0) if run == NEW else None)
            house.land()
        assert house.total() == Decimal(2 * 21), order


def test_an_older_run_that_is_alone_in_the_location_does_not_replace_a_newer_one(house):
    export = DataExport(house.folder / "in")
    newer = export.deliver("2026-05", NEW, rows(cost="2"))
    house.export("main", "aws_cur_2", "./in")
    house.land()
    newer[0].unlink()
    export.folder("metadata", "2026-05", NEW).joinpath("cur2-Manifest.json").unlink()
    export.deliver("2026-05", OLD, rows(cost="1"))
    report = house.land()
    assert (report.landed, report.refusals) == ([], [])
    assert house.total() == Decimal(42)


def test_incomplete_newest_run_is_refused_and_the_older_complete_one_lands(house):
    export = DataExport(house.folder / "in")
    export.deliver("2026-05", OLD, rows(cost="1"))
    parts = export.deliver("2026-05", NEW, rows(cost="2"), parts=2)
    parts[1].unlink()
    house.export("main", "aws_cur_2", "./in")
    text = house.refused()
    assert "cur2-00002.snappy.parquet" in text and "not there" in text
    assert house.total() == Decimal(21)
    parts[1].parent.mkdir(exist_ok=True)
    write_parquet(parts[1], rows(cost="2")[1::2])
    assert not house.land().refusals
    assert house.total() == Decimal(42)
    assert house.query("select count(*) from raw_ops.refusals where is_open") == [(0,)]


def test_manifest_entries_may_be_objects_and_their_sizes_are_checked(house):
    export = DataExport(house.folder / "in")
    part = export.deliver("2026-05", NEW, rows())[0]
    export.manifest("2026-05", NEW, [part], as_objects=True, rowCount=6)
    house.export("main", "aws_cur_2", "./in")
    assert not house.land().refusals
    assert house.query("select stated_rows, file_rows from raw_ops.deliveries") == [(6, 6)]
    export.manifest("2026-05", NEW, [part], as_objects=True, rowCount=7)
    assert "states 7 rows, the file has 6" in house.refused()
    manifest = export.manifest("2026-05", NEW, [part], as_objects=True)
    manifest.write_text(manifest.read_text().replace('"sizeBytes": ', '"sizeBytes": 9'))
    assert "bytes, the file has" in house.refused()
    assert house.total() == Decimal("2.1")


def test_a_month_without_manifest_waits_where_other_months_have_one(house):
    export = DataExport(house.folder / "in")
    export.deliver("2026-05", NEW, rows())
    write_parquet(export.part("2026-06", NEW), rows("2026-06"))
    house.export("main", "aws_cur_2", "./in")
    assert "without a manifest while other months have one" in house.refused()
    assert house.query("select distinct _billing_period from raw_aws.line_items") == [("2026-05",)]


def test_run_folders_without_metadata_land_the_newest_run(house):
    export = DataExport(house.folder / "in")
    for run, cost in ((OLD, "1"), (NEW, "2")):
        write_parquet(export.part("2026-05", run), rows(cost=cost))
    house.export("main", "aws_cur_2", "./in")
    assert not house.land().refusals
    assert house.total() == Decimal(42)


def test_a_gap_in_the_part_numbers_is_refused(house):
    export = DataExport(house.folder / "in")
    for number in (1, 3):
        write_parquet(export.part("2026-05", NEW, number), rows(seed=str(number)))
    house.export("main", "aws_cur_2", "./in")
    assert "cur2-00002.snappy.parquet is missing" in house.refused()
    for number in (1, 3):
        write_csv(house.folder / "loose" / f"b-{number:05d}.csv", rows(seed=str(number)))
    house.export("loose", "aws_cur_2", "./loose")
    assert any("b-00002.csv is missing" in str(refusal) for refusal in house.land().refusals)


def test_legacy_month_manifest_names_the_assembly_that_counts(house):
    report = LegacyReport(house.folder / "in")
    report.deliver("2026-05", rows(cost="2"), assembly="zzz")
    report.deliver("2026-05", rows(cost="1"), assembly="aaa")
    house.export("old", "aws_cur_legacy", "./in")
    house.land()
    assert house.total() == Decimal(21)
    (report.month("2026-05") / "cur-Manifest.json").unlink()
    assert "manifests compete" in house.refused()
    assert house.total() == Decimal(21)


def test_a_manifest_that_is_cut_off_refuses_its_month_only(house):
    report = LegacyReport(house.folder / "in")
    report.deliver("2026-05", rows(), assembly=None)
    report.deliver("2026-06", rows("2026-06"), assembly=None)
    (report.month("2026-06") / "cur-Manifest.json").write_text('{"reportKeys": [')
    house.export("old", "aws_cur_legacy", "./in")
    texts = [str(refusal) for refusal in house.land().refusals]
    assert any("the manifest cannot be read" in text for text in texts)
    assert house.query("select distinct _billing_period from raw_aws.line_items") == [("2026-05",)]


def test_two_exports_below_one_location_are_refused(house):
    for name in ("one", "two"):
        DataExport(house.folder / "in" / name).deliver("2026-05", NEW, rows(seed=name))
    house.export("main", "aws_cur_2", "./in")
    assert "holds 2 exports with 2026-05" in house.refused()


def test_loose_files_tell_their_months_by_content(house):
    """One file with three months, a month in two files, a glob, a single file."""
    months = [row for period in ("2026-04", "2026-05", "2026-06") for row in rows(period)]
    write_csv(house.folder / "in" / "all [x]+é %1.csv.gz", months, legacy=True)
    write_csv(house.folder / "in" / "may.csv", rows(seed="b", account="77"), legacy=True)
    (house.folder / "in" / "notes.txt").write_text("no bill")
    house.export("loose", "aws_cur_legacy", "./in/*.csv*")
    assert not house.land().refusals
    assert house.query(
        "select _billing_period, _source_file, count(*), min(_source_row), max(_source_row) "
        "from raw_aws.line_items group by all order by all"
    ) == [
        ("2026-04", "all [x]+é %1.csv.gz", 6, 1, 6),
        ("2026-05", "all [x]+é %1.csv.gz", 6, 7, 12),
        ("2026-05", "may.csv", 6, 1, 6),
        ("2026-06", "all [x]+é %1.csv.gz", 6, 13, 18),
    ]
    single = write_parquet(house.folder / "one" / "june.parquet", rows("2026-07"))
    house.export("single", "aws_cur_2", single)
    assert not house.land().refusals
    assert house.query(
        "select _source_file, count(*) from raw_aws.line_items where _source_name = 'single' "
        "group by all"
    ) == [("june.parquet", 6)]


def test_loose_months_are_relanded_with_all_their_files(house):
    folder = house.folder / "in"
    write_csv(folder / "a.csv", rows(seed="a"))
    write_csv(folder / "b.csv", rows(seed="b") + rows("2026-06", seed="b"))
    house.export("loose", "aws_cur_2", "./in")
    house.land()
    assert house.queue(built=True) == [
        "loose 2026-05 (never built)",
        "loose 2026-06 (never built)",
    ]
    write_csv(folder / "b.csv", rows("2026-06", seed="c", count=2))
    report = house.land()
    assert [v.billing_period for v in report.landed] == ["2026-05", "2026-06"]
    assert (house.count(), house.queue(built=True)) == (
        8,
        ["loose 2026-05 (landed again)", "loose 2026-06 (landed again)"],
    )
    write_csv(folder / "b.csv", rows("2026-07", seed="c", count=2))
    assert house.land().sources[0].withdrawn == ["2026-06"]
    assert house.queue() == ["loose 2026-06 (no longer landed)", "loose 2026-07 (never built)"]
    (folder / "a.csv").unlink()
    assert not house.land().landed, "a month whose files are all gone stays as it was landed"
    assert house.count() == 8


def test_a_location_that_is_not_there_is_refused(house):
    house.export("main", "aws_cur_2", "./nowhere")
    assert "does not exist" in house.refused()
    house.entries.clear()
    house.export("main", "aws_cur_2", "nothing://bucket/x")
    assert "cannot be opened" in house.refused()


def test_a_zip_report_is_refused_with_the_setting_to_change(house):
    report = LegacyReport(house.folder / "in")
    paths = report.deliver("2026-05", rows(), assembly=None)
    manifest = report.month("2026-05") / "cur-Manifest.json"
    manifest.write_text(manifest.read_text().replace(".csv.gz", ".csv.zip"))
    paths[0].rename(paths[0].with_suffix(".zip"))
    house.export("old", "aws_cur_legacy", "./in")
    assert "compression to GZIP or Parquet" in house.refused()


def test_athena_helpers_and_hidden_files_beside_the_data_are_ignored(house):
    report = LegacyReport(house.folder / "in")
    report.deliver("2026-05", rows(), assembly=None)
    (report.month("2026-05") / "cur-create-table.sql").write_text("create external table x")
    (report.month("2026-05") / "_SUCCESS").write_text("")
    (report.month("2026-05") / ".cur-00002.csv.gz.part").write_text("half")
    house.export("old", "aws_cur_legacy", "./in")
    assert not house.land().refusals
    assert house.count() == 6


def test_any_folder_name_may_hold_the_data(house):
    """Quotes, brackets and a=b in the data folder's own path mean nothing to landing."""
    write_csv(house.folder / "in" / "a.csv", rows() + rows("2026-06"))
    write_parquet(house.folder / "in" / "b.parquet", rows(seed="b"))
    odd = type(house)(house.folder / "env=prod it's [1]")
    odd.folder.mkdir()
    odd.export("bill", "aws_cur_2", "../in")
    assert not odd.land().refusals
    assert odd.query("select count(*), count(distinct _source_file) from raw_aws.line_items") == [
        (18, 2)
    ]
    assert odd.query("select count(*) from raw_ops.drift where column_name = 'env'") == [(0,)]
