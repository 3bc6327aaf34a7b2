"""One bill in two formats is one bill: the same FOCUS rows from Parquet and from CSV."""

from __future__ import annotations

import duckdb
import pytest

from orchestration.exports.config import load_exports
from orchestration.pipeline import run_pipeline
from orchestration.project import public_build_file
from sample_estate import generate
from tests.conftest import ESTATE_ROWS

# Names of files differ by nature. Parquet of a legacy report has Athena's column names, which fold
# the case of tag and category names and number those that then collide.
DIFFERENT = {
    "aws_main": "x_source_file",
    # The key hashes the tags too.
    "aws_research": "x_source_file, tags, x_cost_categories, x_attribution_key",
}


@pytest.fixture(scope="module")
def other_formats(dbt_paths, tmp_path_factory):
    """The same estate with the formats swapped: CUR 2.0 as csv.gz, the legacy report as Parquet."""
    folder = tmp_path_factory.mktemp("other_formats")
    generate(
        folder / "estate",
        rows=ESTATE_ROWS,
        providers=("aws",),
        file_format="csv",
        legacy_format="parquet",
    )
    report = run_pipeline(load_exports(folder / "estate" / "exports.yml"), folder / "home")
    assert not report.landing.refusals, report.landing.refusals
    assert report.build.ok, report.build.failures
    return folder / "home"


@pytest.fixture(scope="module")
def both(built_home, other_formats):
    connection = duckdb.connect()
    connection.execute(f"attach '{public_build_file(built_home.home)}' as a (read_only)")
    connection.execute(f"attach '{public_build_file(other_formats)}' as b (read_only)")
    yield connection
    connection.close()


@pytest.mark.parametrize("source", DIFFERENT)
def test_focus_rows_are_the_same(both, source):
    sides = [
        f"select * exclude ({DIFFERENT[source]}) from {side}.focus.cost_and_usage "
        f"where x_source_name = '{source}'"
        for side in "ab"
    ]
    for first, second in (sides, sides[::-1]):
        only_first = both.execute(f"{first} except all {second} limit 1").fetchall()
        assert only_first == []
    rows = both.execute(f"select count(*) from ({sides[0]})").fetchone()[0]
    assert rows > 500


def test_bills_reconcile_to_the_same_totals(both):
    sides = [f"select * from {side}.quality.reconciliation" for side in "ab"]
    for first, second in (sides, sides[::-1]):
        assert both.execute(f"{first} except all {second}").fetchall() == []
