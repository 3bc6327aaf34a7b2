"""On-prem rate cards through the whole warehouse: planted totals, node-hours, planted errors."""

from __future__ import annotations

import shutil
from decimal import Decimal

import pytest

from orchestration.exports.config import load_exports
from orchestration.pipeline import run_pipeline
from tests.one_provider import deliver_alone
from tests.warehouse.warehouse import Warehouse

FOCUS = "ai_finops.focus.cost_and_usage"


@pytest.fixture(scope="module")
def cluster(dbt_paths, tmp_path_factory):
    """The estate's rate card landed and built, with what was planted in it."""
    root = tmp_path_factory.mktemp("own")
    [export] = deliver_alone("on_prem", root, 4_500)
    report = run_pipeline(load_exports(root / "exports.yml"), root / "home")
    assert not report.landing.refusals
    assert report.build.ok, report.build.failures
    assert not report.build.warnings, report.build.warnings
    return Warehouse(root / "home"), export


def test_planted_totals_are_found_to_the_last_digit(cluster):
    warehouse, export = cluster
    found = warehouse.rows(
        f"""
        select
            x_billing_period, billing_account_id, billing_currency, sum(billed_cost),
            sum(effective_cost)
        from {FOCUS} group by all order by all
        """
    )
    assert found == [
        (t.month, t.billing_account_id, t.currency, t.billed_cost, t.effective_cost)
        for t in export.totals
    ]


def test_what_the_card_costs_is_what_focus_costs(cluster):
    warehouse, _ = cluster
    assert warehouse.rows(
        "select distinct status, gap from ai_finops.quality.effective_reconciliation"
    ) == [("reconciled", Decimal(0))]
    assert warehouse.rows(
        "select distinct status, file_cost, focus_billed_cost from ai_finops.quality.reconciliation"
    ) == [("reconciled", Decimal(0), Decimal(0))]


def test_every_node_has_every_hour_once_used_or_not(cluster):
    warehouse, _ = cluster
    assert warehouse.rows(
        f"""
        select
            resource_id, min(charge_period_start)::date::varchar,
            max(charge_period_end)::date::varchar, count(*) = count(distinct charge_period_start),
            count(*) = date_diff('hour', min(charge_period_start), max(charge_period_end))
        from {FOCUS} group by 1 order by 1
        """
    ) == [
        ("oslo-1/dgx-0001", "2026-05-01", "2026-07-28", True, True),
        ("oslo-1/old-0001", "2026-05-01", "2026-07-28", True, True),
    ]


def test_a_written_off_pool_gets_cheaper_and_dear_power_dearer(cluster):
    warehouse, _ = cluster
    prices = dict(
        warehouse.rows(
            f"""
            select
                concat_ws(' ', resource_name, charge_period_start::date::varchar),
                round(avg(contracted_unit_price), 4)
            from {FOCUS}
            where charge_period_start::date in ('2026-06-09', '2026-06-15', '2026-06-16')
            group by 1
            """
        )
    )
    # The month's price of an hour: 9 of 30 days carry depreciation of 199000 / 48.
    assert prices["old-0001 2026-06-09"] == prices["old-0001 2026-06-15"]
    assert prices["dgx-0001 2026-06-16"] > prices["dgx-0001 2026-06-15"]
    [(may, july)] = warehouse.rows(
        f"""
        select
            max(contracted_unit_price) filter (x_billing_period = '2026-05'),
            max(contracted_unit_price) filter (x_billing_period = '2026-07')
        from {FOCUS} where resource_name = 'old-0001'
        """
    )
    assert round(may - july, 4) == round(Decimal(199000) / 48 / 744, 4)


def test_a_node_can_be_compared_with_a_cloud_machine_by_accelerator_hour(cluster):
    warehouse, _ = cluster
    rows = warehouse.rows(
        f"""
        select
            x_instance_type, sum(consumed_quantity)::int as node_hours,
            sum(consumed_quantity * (sku_price_details ->> 'GpuCount')::decimal(9, 2))::int,
            sum(effective_cost)
            / sum(consumed_quantity * (sku_price_details ->> 'GpuCount')::decimal(9, 2))
            between 0.5 and 3
        from {FOCUS} group by 1 order by 1
        """
    )
    hours = (31 + 30 + 27) * 24
    assert rows == [("DGX A100", hours, hours * 8, True), ("DGX H100", hours, hours * 8, True)]


def test_nobody_is_said_to_send_an_invoice(cluster):
    warehouse, _ = cluster
    assert warehouse.rows(
        f"""
        select distinct invoice_id, billed_cost, invoice_issuer_name, host_provider_name
        from {FOCUS}
        """
    ) == [(None, Decimal(0), "Halden AI", "Halden AI")]


def test_every_must_rule_holds(cluster):
    warehouse, _ = cluster
    assert (
        warehouse.rows(
            "select rule_id, rows_failing, example from ai_finops.quality.conformance "
            "where dataset = 'Cost and Usage' and requirement_level = 'MUST' and rows_failing > 0"
        )
        == []
    )


def test_planted_errors_are_caught(cluster, tmp_path):
    warehouse, _ = cluster
    broken = warehouse.copy_to(tmp_path / "home")
    row = f"(select min(charge_period_start) from {FOCUS} where x_billing_period = '{{}}')"
    broken.execute(
        "delete from raw_ops.rebuild_queue",
        "insert into raw_ops.rebuild_queue (source_name, billing_period, version_id, reason) "
        "select distinct source_name, billing_period, version_id, 'planted error' "
        "from raw_ops.deliveries where is_current",
        # An hour less, an hour twice, an hour that somebody is billed for.
        f"delete from {FOCUS} where charge_period_start = {row.format('2026-05')}",
        f"insert into {FOCUS} select * from {FOCUS} "
        f"where charge_period_start = {row.format('2026-06')}",
        f"update {FOCUS} set billed_cost = effective_cost "
        f"where charge_period_start = {row.format('2026-07')}",
    )
    quality = ["focus_totals", "charge_flow", "reconciliation", "effective_reconciliation"]
    broken.dbt("run", "--select", *quality)
    outcome = broken.dbt("test", "--select", "tag:conservation")
    assert {name for name, status in outcome.items() if status == "fail"} == {
        "assert_effective_cost_is_what_the_provider_states",
        "assert_effective_cost_is_stated_per_charge_type",
        "assert_charges_are_unique",
        "assert_effective_cost_equals_billed_cost",
        "assert_staged_cost_is_in_focus",
    }


def test_a_changed_card_replaces_the_month_that_it_changes(cluster, tmp_path):
    warehouse, _ = cluster
    again = warehouse.copy_to(tmp_path / "home")
    shutil.copytree(warehouse.home.parent / "exports", tmp_path / "exports")
    shutil.copy(warehouse.home.parent / "exports.yml", tmp_path)
    path = tmp_path / "exports" / "on_prem" / "rate_card.csv"
    path.write_text(path.read_text().replace(",2026-07-27,", ",2026-07-20,"))
    report = run_pipeline(load_exports(tmp_path / "exports.yml"), again.home)
    assert report.build.ok, report.build.failures
    assert [str(queued) for queued in report.build.rebuilt] == ["on_prem 2026-07 (landed again)"]
    nodes_per_day = f"""
        select x_billing_period, count(distinct charge_period_start::date), sum(effective_cost)
        from {FOCUS} group by 1 order by 1
    """
    before, after = warehouse.rows(nodes_per_day), again.rows(nodes_per_day)
    assert after[:2] == before[:2]
    assert (before[2][1], after[2][1]) == (27, 20)
