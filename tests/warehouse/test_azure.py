"""Azure bills through the whole warehouse: planted totals, real exports, planted errors."""

from __future__ import annotations

import os
import shutil
from decimal import Decimal
from pathlib import Path

import pytest

from orchestration.exports.config import load_exports
from orchestration.pipeline import run_pipeline
from tests.one_provider import deliver_alone
from tests.warehouse.optscale import coverage, write_inventory
from tests.warehouse.warehouse import Warehouse

FOCUS = "ai_finops.focus.cost_and_usage"
BILLS = ("azure_main", "azure_europe", "azure_lab")
ESTATE = f"x_source_name in {BILLS}"
KIND = """
    case
        when commitment_discount_status = 'Used' then 'covered_usage'
        when commitment_discount_status = 'Unused' then 'unused_commitment'
        when x_charge_type = 'RoundingAdjustment' then 'adjustment'
        when charge_category = 'Purchase' and commitment_discount_id is not null
            then concat('commitment_', lower(x_charge_type))
        when charge_category = 'Purchase' then lower(x_charge_type)
        when pricing_category = 'Dynamic' then 'usage_spot'
        else 'usage'
    end
"""
REAL = {
    "ftk": "azure/ftk_EA_*",
    "koku_camel": "azure/koku_az_azure_camelCased.csv",
    "koku_v2": "azure/koku_az_azure_version_2.csv",
    "nise_v2": "nise/azure_costreport_v2.csv",
    "nise_groups": "nise/azure_costreport_resource_group_variant.csv",
    "german": "azure/headersets/German.csv",
    "optscale": "azure/optscale_azure_api_rows.jsonl",
}


@pytest.fixture(scope="module")
def bills(dbt_paths, tmp_path_factory):
    """The estate's exports, the real ones, and months of which one file is missing."""
    root = tmp_path_factory.mktemp("azure")
    exports = deliver_alone("azure", root, 3_000)
    entries = []
    for dataset in ("actual", "amortized"):
        name = f"only_{dataset}"
        source = root / "exports" / "azure_europe" / f"azure-europe-{dataset}" / "20260501-20260531"
        shutil.copytree(source, root / "exports" / name / dataset / source.name)
        entries.append((name, f"./exports/{name}/"))
    # The same account's month twice is refused, so the copies get months of their own export.
    if folder := os.environ.get("AI_FINOPS_SAMPLES"):
        entries += [(name, f"{folder}/native/{path}") for name, path in REAL.items()]
    with (root / "exports.yml").open("a") as listed:
        for name, location in entries:
            listed.write(
                f'  - {{name: {name}, kind: azure_cost_details, location: "{location}"}}\n'
            )
        if folder:
            listed.write("inventories:\n" + write_inventory(Path(folder), root, "azure"))
    for name in ("only_actual", "only_amortized"):
        _rename_profile(root / "exports" / name, name)
    report = run_pipeline(load_exports(root / "exports.yml"), root / "home")
    assert not report.landing.refusals, report.landing.refusals
    assert report.build.ok, report.build.failures
    warned = {warning.name for warning in report.build.warnings}
    return Warehouse(root / "home"), exports, warned


def _rename_profile(folder, name: str) -> None:
    """Another payer for a copied bill, with manifests that fit."""
    import gzip
    import json

    for manifest in folder.rglob("manifest.json"):
        body = json.loads(manifest.read_text())
        for blob in body["blobs"]:
            path = manifest.parent / blob["blobName"].rsplit("/", 1)[-1]
            text = gzip.decompress(path.read_bytes()).decode()
            path.write_bytes(gzip.compress(text.replace("HLDN-3KTW-BG7-PGB", name).encode()))
            blob["byteCount"] = path.stat().st_size
        manifest.write_text(json.dumps(body))


def test_planted_totals_are_found_to_the_last_digit(bills):
    warehouse, exports, _ = bills
    found = warehouse.rows(
        f"""
        select
            x_billing_period, billing_account_id, billing_currency, {KIND} as kind,
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
    warehouse, _, _ = bills
    assert (
        warehouse.rows(
            "select * from ai_finops.quality.reconciliation where gap <> 0 or focus_row_gap <> 0"
            " or staging_row_gap <> 0 or file_row_gap <> 0"
        )
        == []
    )
    assert warehouse.rows(
        "select distinct gap, status from ai_finops.quality.effective_reconciliation "
        "where source_name <> 'only_amortized'"
    ) == [(Decimal(0), "reconciled")]


def test_commitments_balance_against_the_amortized_file(bills):
    warehouse, _, _ = bills
    found = warehouse.rows(
        """
        select distinct commitment_discount_type, status, balance_gap, fee_gap
        from ai_finops.quality.commitment_balance
        where source_name in ('azure_main', 'azure_europe')
        order by 1
        """
    )
    assert found == [
        ("Reservation", "balanced", Decimal(0), Decimal(0)),
        ("Savings Plan", "balanced", Decimal(0), Decimal(0)),
    ]


def test_charges_meet_every_rule_that_is_a_must(bills):
    warehouse, _, _ = bills
    assert (
        warehouse.rows(
            f"""
            select source_name, rule_id, rows_failing, example
            from ai_finops.quality.conformance
            where source_name in {BILLS[:2]} and requirement_level = 'MUST' and rows_failing > 0
                and rule_id not like 'contract_commitment.%' and rule_id not like 'invoice_detail.%'
                and rule_id not like 'billing_period.%'
            """
        )
        == []
    )


def test_tokens_name_model_direction_and_cache(bills):
    warehouse, _, _ = bills
    found = warehouse.rows(
        f"""
        select distinct x_model_id, x_token_direction, x_token_cache_action, pricing_unit
        from {FOCUS}
        where {ESTATE} and x_model_id in ('gpt-4o-0806', 'gpt-5-chat', '5.6-sol')
            and x_token_direction is not null
        """
    )
    assert set(found) == {
        ("5.6-sol", "Input", "Write", "1000000 Tokens"),
        ("gpt-5-chat", "Input", None, "1000000 Tokens"),
        ("gpt-5-chat", "Input", "Read", "1000000 Tokens"),
        ("gpt-5-chat", "Output", None, "1000000 Tokens"),
        ("gpt-4o-0806", "Input", None, "1000 Tokens"),
        ("gpt-4o-0806", "Input", "Read", "1000 Tokens"),
        ("gpt-4o-0806", "Output", None, "1000 Tokens"),
    }


def test_prices_that_the_bill_leaves_out_come_from_the_sheet(bills):
    warehouse, _, _ = bills
    [(list_price, contracted, changes)] = warehouse.rows(
        f"""
        select distinct list_unit_price, contracted_unit_price, x_source_changes
        from {FOCUS}
        where x_source_name = 'azure_main' and commitment_discount_status = 'Used'
            and x_instance_type = 'Standard_ND96isr_H100_v5'
        """
    )
    assert (list_price, contracted) == (Decimal("98.32"), Decimal("93.404"))
    assert changes == "contracted_price_from_sheet;list_price_from_sheet"


def test_euro_bills_keep_the_prices_of_the_dollar_list(bills):
    warehouse, _, _ = bills
    rows = warehouse.rows(
        f"""
        select distinct pricing_currency, pricing_currency_list_unit_price,
            list_unit_price / pricing_currency_list_unit_price
        from {FOCUS}
        where x_source_name = 'azure_europe' and x_instance_type = 'Standard_NC24ads_A100_v4'
            and x_billing_period = '2026-05' and commitment_discount_status is null
        """
    )
    assert [(currency, price, round(rate, 6)) for currency, price, rate in rows] == [
        ("USD", Decimal("4.775"), 0.9215)
    ]


def test_a_month_without_the_amortized_file_says_so(bills):
    warehouse, _, warned = bills
    assert "assert_azure_files_agree" in warned
    assert warehouse.rows(
        f"""
        select charge_category, sum(billed_cost) = sum(effective_cost), min(x_source_changes)
        from {FOCUS}
        where x_source_name = 'only_actual' and commitment_discount_id is not null
        group by 1 order by 1
        """
    ) == [
        ("Purchase", True, "amortized_file_missing"),
        ("Usage", True, "amortized_file_missing"),
    ]


def test_a_month_without_the_actual_file_bills_nothing_and_says_so(bills):
    warehouse, _, _ = bills
    [(billed, effective, unmarked, parts)] = warehouse.rows(
        f"""
        select sum(billed_cost), sum(effective_cost),
            count_if(coalesce(x_source_changes, '') not like '%actual_file_missing%'),
            list_sort(list(distinct x_source_part))
        from {FOCUS} where x_source_name = 'only_amortized'
        """
    )
    [(stated,)] = warehouse.rows(
        f"select sum(effective_cost) from {FOCUS} where x_source_name = 'azure_europe'"
        " and x_billing_period = '2026-05'"
    )
    assert (billed, effective, unmarked) == (Decimal(0), stated, 0)
    assert parts == ["amortized_only", "charge"]


def test_the_real_pair_ties_to_both_files(bills, samples):
    warehouse, _, _ = bills
    [(billed, effective, differing)] = warehouse.rows(
        f"""
        select sum(billed_cost), sum(effective_cost),
            count_if(x_source_part = 'amortized_difference')
        from {FOCUS} where x_source_name = 'ftk'
        """
    )
    assert round(billed, 8) == Decimal("8.54500779")
    assert round(effective, 8) == Decimal("16.29693214")
    assert differing == 15


def test_quantities_in_blocks_are_told_by_their_cost(bills, samples):
    """The enterprise sample counts 10K operations in blocks: 0.1351 of them are 1,351."""
    warehouse, _, _ = bills
    [(pricing, unit, consumed, price)] = warehouse.rows(
        f"""
        select pricing_quantity, pricing_unit, consumed_quantity, contracted_unit_price
        from {FOCUS}
        where x_source_name = 'ftk' and x_usage_type like '%GRS List and Create%'
            and x_source_part = 'charge'
        """
    )
    assert (pricing, unit) == (Decimal("0.0004"), "10000 Units")
    assert (consumed, price) == (Decimal("4"), Decimal("0.1"))


def one_charge(condition: str) -> str:
    """SQL that is true for a single charge of the dollar bill."""
    return f"""
        (x_source_name, x_source_file, x_source_row, x_source_part)
        = (select (x_source_name, x_source_file, x_source_row, x_source_part) from {FOCUS}
            where x_source_name = 'azure_main' and {condition} order by all limit 1)
    """


USED = one_charge("commitment_discount_status = 'Used'")
IDLE = one_charge("commitment_discount_status = 'Unused'")
BILLED = one_charge("charge_category = 'Usage' and billed_cost > 0")


@pytest.mark.parametrize(
    ("change", "law"),
    [
        (
            f"update {FOCUS} set effective_cost = effective_cost + 1 where {USED}",
            "effective_reconciliation",
        ),
        (f"update {FOCUS} set billed_cost = billed_cost + 1 where {BILLED}", "reconciliation"),
        (f"delete from {FOCUS} where {IDLE}", "commitment_balance"),
    ],
)
def test_planted_errors_are_caught(bills, tmp_path, change, law):
    warehouse, _, _ = bills
    copy = warehouse.copy_to(tmp_path / "home")
    copy.execute(
        change,
        "delete from raw_ops.rebuild_queue",
        "insert into raw_ops.rebuild_queue (source_name, billing_period) "
        f"select distinct x_source_name, x_billing_period from {FOCUS} "
        "where x_source_name in ('azure_main', 'azure_europe')",
    )
    copy.dbt("run", "--select", "focus_totals", "focus_commitments", "charge_flow", law)
    gaps = copy.rows(f"select count(*) from ai_finops.quality.{law} where status like '%gap%'")
    assert gaps[0][0] > 0


def test_the_inventory_of_the_demo_organisation_is_joined(bills, samples):
    """Its tags are in the inventory only."""
    assert bills[0].rows(coverage(("optscale",))) == [(1, 1, 100, 100, 0, 1, 0)]
