"""OCI bills through the whole warehouse: planted totals, the real report, planted errors."""

from __future__ import annotations

import json
import os
from decimal import Decimal

import pytest

from orchestration.exports.config import load_exports
from orchestration.pipeline import run_pipeline
from tests.one_provider import deliver_alone
from tests.warehouse.warehouse import Warehouse

FOCUS = "ai_finops.focus.cost_and_usage"
ONE = """
    (x_source_file, x_source_row) = (
        select (x_source_file, x_source_row) from ai_finops.focus.cost_and_usage
        where x_source_name = 'oci_burst' and x_billing_period = '{}' and {} limit 1)
"""


@pytest.fixture(scope="module")
def bills(dbt_paths, tmp_path_factory):
    """The estate's reports landed and built, with what was planted in them."""
    root = tmp_path_factory.mktemp("oci")
    [export] = deliver_alone("oci", root, 1_300)
    if folder := os.environ.get("AI_FINOPS_SAMPLES"):
        with (root / "exports.yml").open("a") as entries:
            entries.write(
                f'  - {{name: real, kind: oci_cost_report, location: "{folder}/native/oci"}}\n'
            )
    report = run_pipeline(load_exports(root / "exports.yml"), root / "home")
    assert not report.landing.refusals
    assert report.build.ok, report.build.failures
    assert not report.build.warnings, report.build.warnings
    return Warehouse(root / "home"), export


def test_planted_totals_are_found_to_the_last_digit(bills):
    warehouse, export = bills
    found = warehouse.rows(
        f"""
        select
            x_billing_period, billing_account_id, billing_currency,
            case x_charge_type
                when 'Overage' then 'usage_overage' else lower(x_charge_type)
            end,
            sum(billed_cost), sum(effective_cost)
        from {FOCUS} where x_source_name = 'oci_burst' group by all order by all
        """
    )
    planted = sorted(
        (t.month, t.billing_account_id, t.currency, t.charge_kind, t.billed_cost, t.effective_cost)
        for t in export.totals
    )
    assert found == planted


def test_the_bill_reconciles_without_a_gap(bills):
    warehouse, _ = bills
    assert warehouse.rows(
        "select distinct status, gap, focus_row_gap from ai_finops.quality.reconciliation"
    ) == [("reconciled", Decimal(0), 0)]


def test_every_must_rule_holds(bills):
    warehouse, _ = bills
    assert (
        warehouse.rows(
            "select rule_id, rows_failing, example from ai_finops.quality.conformance "
            "where dataset = 'Cost and Usage' and requirement_level = 'MUST' and rows_failing > 0"
        )
        == []
    )


def test_gpu_machines_have_their_shape(bills):
    warehouse, _ = bills
    assert warehouse.rows(
        f"""
        select distinct x_instance_type, sku_price_details, pricing_unit, contracted_unit_price
        from {FOCUS} where pricing_unit = 'GPU-Hours' order by 1
        """
    ) == [
        (
            shape,
            f'{{"GpuCount":{count},"InstanceType":"{shape}","InstanceSeries":"{series}",'
            f'"x_AcceleratorModel":"{model}"}}',
            "GPU-Hours",
            Decimal(price),
        )
        for shape, count, series, model, price in (
            ("BM.GPU.A100-v2.8", 8, "GPU.A100-v2", "A100 80GB", 4),
            ("BM.GPU.H100.8", 8, "GPU.H100", "H100 80GB", 10),
            ("VM.GPU.A10.1", 1, "GPU.A10", "A10", 2),
        )
    ]


def test_what_credits_paid_is_told_where_the_report_tells_it(bills):
    warehouse, _ = bills
    rows = warehouse.rows(
        f"select contract_applied, billed_cost from {FOCUS} where contract_applied is not null"
    )
    assert rows
    for text, billed in rows:
        [element] = json.loads(text)["Elements"]
        # The line that crosses the limit is half paid by credits.
        assert abs(Decimal(str(element["ContractCommitmentAppliedCost"])) * 2 - billed) < Decimal(
            "1e-9"
        )


def test_free_usage_has_a_price_of_0_and_says_so(bills):
    warehouse, _ = bills
    [(rows, changed)] = warehouse.rows(
        f"""
        select count(*), count_if(x_source_changes like '%contracted_unit_price_from_cost%')
        from {FOCUS}
        where
            x_source_name = 'oci_burst'
            and billed_cost = 0 and contracted_unit_price = 0 and pricing_quantity > 0
        """
    )
    assert rows == changed > 0


def test_recorded_repairs_are_documented(bills):
    warehouse, _ = bills
    assert (
        warehouse.rows(
            f"""
            select distinct code
            from (select unnest(string_split(x_source_changes, ';')) as code from {FOCUS})
            where code not in (select code from warehouse.reference.oci_source_changes)
            """
        )
        == []
    )


def test_planted_errors_are_caught(bills, tmp_path):
    warehouse, _ = bills
    broken = warehouse.copy_to(tmp_path / "home")
    broken.execute(
        "delete from raw_ops.rebuild_queue",
        "insert into raw_ops.rebuild_queue (source_name, billing_period, version_id, reason) "
        "select distinct source_name, billing_period, version_id, 'planted error' "
        "from raw_ops.deliveries where is_current",
        # A cent more, a free line less, a line that credits paid and that costs nothing.
        f"update {FOCUS} set billed_cost = billed_cost + 0.01, effective_cost = effective_cost "
        f"+ 0.01 where {ONE.format('2026-05', 'billed_cost > 1')}",
        f"delete from {FOCUS} where {ONE.format('2026-07', 'billed_cost = 0')}",
        f"update {FOCUS} set effective_cost = 0 where contract_applied is not null",
    )
    broken.dbt("run", "--select", "focus_totals", "charge_flow", "reconciliation")
    outcome = broken.dbt("test", "--select", "tag:conservation")
    assert {name for name, status in outcome.items() if status == "fail"} == {
        "assert_staged_cost_is_in_focus",
        "assert_staged_rows_are_accounted_for",
        "assert_effective_cost_equals_billed_cost",
    }


def test_the_real_report_reconciles(bills, samples):
    warehouse, _ = bills
    [(rows, billed, gap)] = warehouse.rows(
        "select focus_rows, focus_billed_cost, gap from ai_finops.quality.reconciliation "
        "where source_name = 'real'"
    )
    assert (rows, round(billed, 8), gap) == (506, Decimal("2.52358933"), 0)
    [(named, unmapped)] = warehouse.rows(
        f"""
        select
            count(distinct service_name),
            count_if(service_category is null or region_name is null or pricing_unit is null)
        from {FOCUS} where x_source_name = 'real'
        """
    )
    assert (named, unmapped) == (8, 0)
