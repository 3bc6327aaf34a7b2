"""Google Cloud bills through the whole warehouse: planted totals, real exports, planted errors."""

from __future__ import annotations

import json
import os
from decimal import Decimal
from pathlib import Path

import pytest

from orchestration.exports.config import load_exports
from orchestration.pipeline import run_pipeline
from tests.one_provider import deliver_alone
from tests.warehouse.optscale import coverage, write_inventory
from tests.warehouse.warehouse import Warehouse

FOCUS = "ai_finops.focus.cost_and_usage"
ESTATE = "x_source_name in ('gcp_main', 'gcp_lab')"
KIND = """
    case
        when commitment_discount_status = 'Used' then 'covered_usage'
        when commitment_discount_status = 'Unused' then 'unused_commitment'
        when charge_category = 'Purchase' then 'commitment_fee'
        when charge_category = 'Credit' then 'credit'
        when x_charge_type <> 'regular' then x_charge_type
        when charge_class = 'Correction' then 'correction'
        else 'usage'
    end
"""
REAL = """
  - {{name: optscale, kind: gcp_billing_export, location: "{0}/gcp/optscale*.gz", account: 0A-B}}
  - {{name: koku, kind: gcp_billing_export, location: "{0}/gcp/koku*.csv"}}
  - {{name: nise, kind: gcp_billing_export, location: "{0}/nise/gcp_bigquery_head.jsonl.gz"}}
"""


@pytest.fixture(scope="module")
def bills(dbt_paths, tmp_path_factory):
    """The estate's exports and the real ones landed and built, with what was planted."""
    root = tmp_path_factory.mktemp("gcp")
    exports = deliver_alone("gcp", root, 4_000)
    if folder := os.environ.get("AI_FINOPS_SAMPLES"):
        with (root / "exports.yml").open("a") as entries:
            entries.write(REAL.format(f"{folder}/native"))
            entries.write("inventories:\n" + write_inventory(Path(folder), root, "gcp"))
    report = run_pipeline(load_exports(root / "exports.yml"), root / "home")
    assert not report.landing.refusals
    assert report.build.ok, report.build.failures
    return Warehouse(root / "home"), exports


def test_planted_totals_are_found_to_the_last_digit(bills):
    warehouse, exports = bills
    found = warehouse.rows(
        f"""
        select
            x_billing_period, billing_account_id, billing_currency, {KIND},
            sum(billed_cost), sum(effective_cost)
        from {FOCUS} where {ESTATE} group by all order by all
        """
    )
    planted = sorted(
        (t.month, t.billing_account_id, t.currency, t.charge_kind, t.billed_cost, t.effective_cost)
        for export in exports
        for t in export.totals
    )
    assert found == planted


def test_every_bill_reconciles_without_a_gap(bills):
    warehouse, _ = bills
    assert warehouse.rows(
        "select distinct status, gap, focus_row_gap from ai_finops.quality.reconciliation"
    ) == [("reconciled", Decimal(0), 0)]


def test_commitments_balance(bills):
    warehouse, _ = bills
    found = warehouse.rows(
        """
        select commitment_discount_id, status, max(balance_gap), max(fee_gap),
            sum(effective_used_cost + effective_unused_cost) = sum(recurring_fee_cost)
        from ai_finops.quality.commitment_balance group by 1, 2 order by 1
        """
    )
    assert [line[1:] for line in found] == [("balanced", 0, 0, True)] * 5
    assert [line[0] for line in found] == [
        "3340129857466120938",
        "5203948576120394857/cpu",
        "5203948576120394857/gpu",
        "5203948576120394857/ram",
        "7719283746501928374",
    ]


def test_every_must_rule_of_cost_and_usage_holds(bills):
    warehouse, _ = bills
    failing = warehouse.rows(
        f"""
        select rule_id, rows_failing, example from ai_finops.quality.conformance
        where {ESTATE.replace("x_source_name", "source_name")} and rows_failing > 0
            and requirement_level = 'MUST'
            and rule_id not like 'contract_commitment.%' and rule_id not like 'billing_period.%'
        """
    )
    assert failing == []


def test_a_gpu_machine_is_several_rows_of_one_resource(bills):
    warehouse, _ = bills
    found = warehouse.rows(
        f"""
        select distinct sku_meter, x_instance_type, sku_price_details from {FOCUS}
        where resource_id like '%/instances/atlas-a3-0' and charge_class is null order by 1
        """
    )
    assert len(found) == 4
    assert {line[1] for line in found} == {"a3-highgpu-8g"}
    counts = {line[0]: json.loads(line[2]).get("GpuCount") for line in found}
    assert counts["Nvidia H100 80GB GPU running in Americas"] == 1
    assert sum(count is None for count in counts.values()) == 3


def test_tokens_name_model_direction_and_cache(bills):
    warehouse, _ = bills
    assert warehouse.rows(
        f"""
        select distinct x_model_id, x_token_direction, x_token_cache_action, pricing_unit,
            consumed_unit
        from {FOCUS} where {ESTATE} and x_token_direction is not null order by all
        """
    ) == [
        ("gemini-2.5-flash", "Input", "Read", "1000000 Tokens", "Tokens"),
        ("gemini-2.5-flash", "Input", None, "1000000 Tokens", "Tokens"),
        ("gemini-2.5-flash", "Output", None, "1000000 Tokens", "Tokens"),
        ("gemini-2.5-pro", "Input", None, "1000000 Tokens", "Tokens"),
        ("gemini-2.5-pro", "Output", None, "1000000 Tokens", "Tokens"),
    ]


def test_namespaces_get_their_share_of_a_node(bills):
    warehouse, _ = bills
    assert warehouse.rows(
        f"""
        select allocated_resource_id, count(distinct sku_meter) from {FOCUS}
        where {ESTATE} and resource_id like '%gke-serve-l4-0' group by 1 order by 1 nulls last
        """
    ) == [
        ("serve-eu/assistant-prod/gateway", 3),
        ("serve-eu/search-embed/encoder", 3),
        (None, 3),
    ]


def test_projects_hang_in_their_folders(bills):
    warehouse, _ = bills
    assert warehouse.rows(
        f"select distinct sub_account_name, x_sub_account_path from {FOCUS} where {ESTATE} "
        "and sub_account_id is not null order by 1"
    ) == [
        ("halden-data", "halden.ai / Engineering"),
        ("halden-lab", "halden.ai / Research"),
        ("halden-serve", "halden.ai / Products"),
        ("halden-train", "halden.ai / Research"),
    ]


def test_the_real_export_keeps_its_control_totals(bills, samples):
    warehouse, _ = bills
    assert warehouse.rows(
        f"""
        select
            sum(billed_cost), sum(effective_cost),
            sum(billed_cost) filter (x_source_part = 'credit'),
            sum(list_cost) filter (x_source_part = 'charge')
        from {FOCUS} where x_source_name = 'optscale'
        """
    ) == [
        (
            Decimal("409.925332"),
            Decimal("409.925332"),
            Decimal("-111.128879"),
            Decimal("541.617565"),
        )
    ]


def test_a_planted_error_is_caught(bills, tmp_path):
    """One usage row a cent too dear in both costs: only the bill contradicts it, not the row."""
    warehouse, _ = bills
    broken = warehouse.copy_to(tmp_path / "home")
    broken.execute(
        f"""
        update {FOCUS} set billed_cost = billed_cost + 0.01, effective_cost = effective_cost + 0.01
        where (x_source_file, x_source_row, x_source_part) = (
            select (x_source_file, x_source_row, x_source_part) from {FOCUS}
            where x_source_name = 'gcp_main' and x_source_part = 'charge'
                and x_billing_period = '2026-05' and charge_category = 'Usage'
                and commitment_discount_id is null limit 1
        ) and x_source_name = 'gcp_main'
        """
    )
    broken.dbt("run", "--full-refresh", "--select", "focus_totals", "charge_flow", "reconciliation")
    outcome = broken.dbt("test", "--select", "assert_staged_cost_is_in_focus")
    assert outcome["assert_staged_cost_is_in_focus"] == "fail"


def test_the_inventory_of_the_demo_organisation_is_joined(bills, samples):
    """The bill names machines by a hash, which no inventory knows."""
    assert bills[0].rows(coverage(("optscale",))) == [
        (3, 2, pytest.approx(90.27), pytest.approx(90.27), 1, 0, 0)
    ]
