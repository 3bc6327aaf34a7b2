"""Third-party AWS bills, real and dirty, land and reconcile to totals taken from them by hand."""

from __future__ import annotations

from decimal import Decimal

import pytest

from orchestration.exports.config import load_exports
from orchestration.pipeline import run_pipeline
from tests.warehouse.optscale import coverage, write_inventory, write_runs
from tests.warehouse.warehouse import Warehouse

LEGACY = {
    "hq": "native/aws/optscale_cur_legacy_aws_hq.csv",
    "marketing": "native/aws/optscale_cur_legacy_aws_marketing.csv",
    "pace": "native/aws/pace_cost-and-usage-report-00001.csv.gz",
    "koku_transfer": "native/aws/koku_test_cur.csv",
    "koku_categories": "native/aws/koku_aws_2023-06-01.csv",
    "koku_athena": "native/aws/koku_aws_2022-07-01-alt-columns.csv",
    "faf": "native/aws/faf_cost_and_usage_report.csv",
    "nise": "native/nise/aws/exports/",
}
CUR_2 = {"fivetran": "native/aws/fivetran_cur2_seed.csv"}
# Files that hold no readable bill: rows one field short of their header, rows without a currency.
NO_BILLS = {"koku_transfer", "fivetran"}
# What the bills themselves lack, lines of a commitment or its negations, is warned of; so is the
# bill in NOK, for which policy ships no exchange rate.
WARNINGS = {
    "assert_costs_have_an_exchange_rate",
    "assert_commitment_bills_agree_with_themselves",
    "assert_rounding_stays_within_tolerance",
}
CONTROL_TOTALS = {
    "hq": Decimal("183.310135"),
    "marketing": Decimal("94.896426"),
    "pace": Decimal("1012.989174"),
}


@pytest.fixture(scope="module")
def sampled(samples, dbt_paths, tmp_path_factory) -> Warehouse:
    folder = tmp_path_factory.mktemp("samples")
    lines = ["exports:"]
    for kind, sources in (("aws_cur_legacy", LEGACY), ("aws_cur_2", CUR_2)):
        for name, path in sources.items():
            lines.append(f'  - {{name: {name}, kind: {kind}, location: "{samples / path}"}}')
    lines += ["inventories:", write_inventory(samples, folder, "aws")]
    lines += ["ml_runs:", write_runs(samples, folder)]
    (folder / "exports.yml").write_text("\n".join(lines) + "\n")
    home = folder / "home"
    report = run_pipeline(load_exports(folder / "exports.yml"), home)
    assert {refusal.source_name for refusal in report.landing.refusals} == NO_BILLS
    assert all(refusal.reason and refusal.remedy for refusal in report.landing.refusals)
    assert report.build.ok, report.build.failures
    assert {warning.name for warning in report.build.warnings} == WARNINGS
    assert report.published is not None
    return Warehouse(home)


def test_every_sample_reconciles_without_a_gap(sampled):
    gaps = sampled.rows(
        "select * from ai_finops.quality.reconciliation where status = 'gap' or gap <> 0"
    )
    assert gaps == []
    sources = sampled.rows("select distinct source_name from ai_finops.quality.reconciliation")
    assert {name for (name,) in sources} == (set(LEGACY) | set(CUR_2)) - NO_BILLS


@pytest.mark.parametrize("source", CONTROL_TOTALS)
def test_the_total_is_the_one_taken_by_hand(sampled, source):
    [(file_cost, quarantined, billed)] = sampled.rows(
        f"""
        select sum(file_cost), sum(quarantined_cost), sum(focus_billed_cost)
        from ai_finops.quality.reconciliation where source_name = '{source}'
        """
    )
    assert round(file_cost, 6) == CONTROL_TOTALS[source]
    assert billed + quarantined == file_cost


def test_every_quarantined_row_names_its_place_and_reason(sampled):
    unexplained = sampled.rows(
        """
        select * from ai_finops.quality.quarantine
        where coalesce(reason, '') = '' or coalesce(file_path, '') = '' or source_row is null
        """
    )
    assert unexplained == []
    counted = sampled.rows(
        """
        select
            (select count(*) from ai_finops.quality.quarantine where is_current),
            (select sum(quarantined_rows) from ai_finops.quality.reconciliation)
        """
    )
    assert counted[0][0] == counted[0][1]


def test_the_inventory_of_the_demo_organisation_knows_most_of_its_cost(sampled):
    """Instances of the past are billed and no longer listed; no tag names a team."""
    assert sampled.rows(coverage(("hq", "marketing"))) == [
        (52, 19, pytest.approx(85.12), pytest.approx(85.03), 46, 5, 0)
    ]


def test_a_run_of_the_demo_organisation_pays_its_seconds_only(sampled):
    """18 runs on 8 machines; the bill has hours of one of them in the hour in which it ran.

    That machine was billed for 0.071111 hours (256 s), of which its run of 87 s pays 87 / 256, and
    as much of the data transfer beside it. The tracker's own figure charges whole days. Runs whose
    machine was billed on other days, or not in this bill, have no cost.
    """
    runs = sampled.rows(
        """
        select run_state, cost_state, machines, run_seconds,
            round(effective_cost, 10), round(attached_effective_cost, 10), metric_name, best_value
        from ai_finops.training.runs where effective_cost is not null
        """
    )
    share = Decimal(87) / Decimal("255.9996")
    assert runs == [
        ("succeeded", "billed", 1, 87.0, round(Decimal("0.0131982016") * share, 10),
         round(Decimal("0.0000041890") * share, 10), "loss", pytest.approx(1.0747326612)),
    ]  # fmt: skip
    assert sampled.rows(
        "select cost_state, count(*), sum(child_runs) from ai_finops.training.runs group by all "
        "order by all"
    ) == [("billed", 1, 0), ("unknown", 17, 0)]
    # Two run sets and runs of none; the sets are known by their runs alone.
    assert sampled.rows(
        "select count(*), sum(runs), sum(unknown_cost_runs) from ai_finops.training.sweeps"
    ) == sampled.rows(
        "select count(distinct (parent_run_id, billing_currency)), count(*), "
        "count(*) filter (cost_state = 'unknown') from ai_finops.training.runs "
        "where parent_run_id is not null"
    )
