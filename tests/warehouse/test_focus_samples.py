"""Third-party FOCUS files of every version land, convert and reconcile to their own sums.

Files of one account and month must not meet, so they come in several runs.
"""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from orchestration.exports.config import load_exports
from orchestration.pipeline import run_pipeline
from tests.warehouse.warehouse import Warehouse

CLOUDS = ("aws", "azure", "gcp")
AGREEMENT = "spec_v1_2_examples/spend_agreements__saas_spend_agreements"
VIRTUAL = "spec_v1_2_examples/virtual_currency_pricing_model"
RUNS = {
    "1.4": {f"v14_{cloud}": f"synthetic_1_4/focus_1_4_*_{cloud}.csv" for cloud in CLOUDS}
    | {"hand": "hand_authored", "ai": "ai_draft_1_5", "agreement": f"{AGREEMENT}_a1.csv"},
    "1.3": {f"v13_{cloud}": f"synthetic_1_3/focus_1_3_*_{cloud}.csv" for cloud in CLOUDS}
    | {"agreement": f"{AGREEMENT}_b1.csv"},
    "1.2": {f"v12_{cloud}": f"synthetic_1_2/focus_1_2_*_{cloud}.csv" for cloud in CLOUDS}
    | {"agreement": f"{AGREEMENT}_a2.csv"},
    "without categories": {
        "virtual_a": f"{VIRTUAL}_a*.csv",
        "virtual_c": f"{VIRTUAL}_c.csv",
        "agreement": f"{AGREEMENT}_b2.csv",
    },
}
# ServiceCategory is mandatory in every version: bills without it are held back from publishing
# until the vocabulary has their services.
FAILS = {"without categories": {"assert_vocabulary_covers_the_bill"}}
# What 1.4 asks of a bill and these do not have; the others break no rule of Cost and Usage.
BROKEN_RULES = {"hand": {"pricing_quantity.null_on_tax", "pricing_unit.null_on_tax"}}
FAULTLESS = {*(f"v1{minor}_{cloud}" for minor in (2, 3, 4) for cloud in CLOUDS), "ai"}


@pytest.fixture(scope="module", params=RUNS)
def run(request, samples, dbt_paths, tmp_path_factory) -> tuple[str, Warehouse]:
    folder = tmp_path_factory.mktemp("samples")
    lines = [
        f'  - {{name: {name}, kind: focus, location: "{samples / "focus" / path}"}}'
        for name, path in RUNS[request.param].items()
    ]
    (folder / "exports.yml").write_text("exports:\n" + "\n".join(lines) + "\n")
    home = folder / "home"
    report = run_pipeline(load_exports(folder / "exports.yml"), home)
    assert report.landing.refusals == []
    assert {failure.name for failure in report.build.failures} == FAILS.get(request.param, set())
    return request.param, Warehouse(home)


def stated(samples: Path, path: str) -> tuple[Decimal, Decimal, int]:
    """Billed cost, effective cost and rows of the Cost and Usage files, by Python's csv."""
    place = samples / "focus"
    files = sorted(place.glob(f"{path}/*.csv" if "." not in Path(path).name else path))
    files = files or sorted((place / path).glob("*.csv"))
    rows = []
    for file in files:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            listed = list(csv.DictReader(lines))
        if "ChargePeriodStart" in listed[0]:
            rows += listed
    return (
        sum((Decimal(row["BilledCost"].strip()) for row in rows), Decimal(0)),
        sum((Decimal(row["EffectiveCost"].strip()) for row in rows), Decimal(0)),
        len(rows),
    )


def test_every_file_is_in_focus_to_its_last_digit(run, samples):
    name, warehouse = run
    found = {
        source: tuple(figures)
        for source, *figures in warehouse.rows(
            "select x_source_name, sum(billed_cost), sum(effective_cost), count(*) "
            "from ai_finops.focus.cost_and_usage group by 1"
        )
    }
    assert found == {source: stated(samples, path) for source, path in RUNS[name].items()}


def test_nothing_has_a_gap(run):
    _, warehouse = run
    assert (
        warehouse.rows(
            "select * from ai_finops.quality.reconciliation where status <> 'reconciled'"
        )
        == []
    )
    assert (
        warehouse.rows(
            "select * from ai_finops.quality.effective_reconciliation where status <> 'reconciled'"
        )
        == []
    )


def test_the_version_is_the_one_of_the_folder(run):
    name, warehouse = run
    versions = warehouse.rows(
        "select distinct focus_version from ai_finops.quality.focus_versions "
        "where source_name like 'v1%'"
    )
    assert versions == ([(name,)] if name[0] == "1" else [])


def test_companions_are_staged_row_by_row(run):
    name, warehouse = run
    expected = {"1.4": (215, 18, 3), "1.3": (215, 0, 0)}.get(name, (0, 0, 0))
    assert warehouse.rows(
        """
        select
            (select count(*) from warehouse.staging.stg_focus__contract_commitment),
            (select count(*) from warehouse.staging.stg_focus__invoice_detail),
            (select count(*) from warehouse.staging.stg_focus__billing_period)
        """
    ) == [expected]


def test_broken_must_rules_are_those_that_the_file_breaks(run):
    name, warehouse = run
    found: dict[str, set[str]] = {source: set() for source in RUNS[name]}
    for source, rule in warehouse.rows(
        "select source_name, rule_id from ai_finops.quality.conformance "
        "where requirement_level = 'MUST' and rows_failing > 0"
    ):
        # Rules of the companion datasets have the dataset before them.
        if rule.count(".") == 1:
            found[source].add(rule)
    assert {source: rules for source, rules in found.items() if source in FAULTLESS and rules} == {}
    for source, rules in BROKEN_RULES.items():
        assert rules <= found.get(source, rules)


def test_token_rows_of_the_draft_carry_model_direction_and_key(run):
    name, warehouse = run
    if name != "1.4":
        return
    [(rows, models, directions, cached, keys, unmarked)] = warehouse.rows(
        """
        select
            count(*), count(x_model_id), count(x_token_direction),
            count(x_token_cache_action), count(x_credential_id),
            count_if(sku_price_details like '%{"ModelId"%')
        from ai_finops.focus.cost_and_usage
        where x_source_name = 'ai' and charge_category = 'Usage' and sku_meter ilike '%token%'
        """
    )
    assert rows == models >= directions > cached > 0
    assert keys > 0 and unmarked == 0


@pytest.mark.parametrize("view", ["cost_and_usage", "cost_and_usage_1_2", "cost_and_usage_1_0"])
def test_export_views_can_be_read_whole(run, view, tmp_path):
    _, warehouse = run
    with duckdb.connect() as connection:
        connection.execute(
            f"attach '{warehouse.home / 'build' / 'ai_finops.duckdb'}' as ai_finops (read_only)"
        )
        connection.execute(
            f"copy (from ai_finops.focus_export.{view}) to '{tmp_path / 'x.parquet'}'"
        )
