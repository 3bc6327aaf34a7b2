"""Native FOCUS exports of three versions through the whole warehouse: money, names, repairs."""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path

import pytest

from orchestration.exports.config import load_exports
from orchestration.pipeline import run_pipeline
from orchestration.project import ROOT
from sample_estate.context import DeliveredExport
from tests.landing.focus_bills import azure_run, rows, write_parquet
from tests.sample_estate.neocloud import make
from tests.warehouse.warehouse import Warehouse

FOCUS = "ai_finops.focus.cost_and_usage"
CORVID = "x_source_name = 'corvid_focus'"
AZURE = "/providers/Microsoft.Billing/billingAccounts/7654321"


def aws_rows() -> list[dict[str, str]]:
    """1.0 as AWS writes it: casing, units of its price list, its own columns, a marketplace row."""
    own = {
        "ChargeFrequency": "Usage-based",
        "PricingUnit": "Hrs",
        "PublisherName": "Amazon Web Services, Inc.",
        "RegionId": "us-east-1",
        "RegionName": "US East (N. Virginia)",
        "x_UsageType": "BoxUsage:p5.48xlarge",
        "x_Operation": "RunInstances",
        "x_ServiceCode": "AmazonEC2",
        "x_CostCategories": '{"Unit":"Research"}',
    }
    first, *others = rows("1.0", **own)
    sold = {"PublisherName": "Anthropic", "ServiceName": "Claude (Amazon Bedrock Edition)"}
    return [first, others[0] | sold, *others[1:]]


def azure_rows() -> list[dict[str, str]]:
    """1.2 as Azure writes it: paths for ids, tags without braces, stand-ins, a wrong list price."""
    own = {
        "BillingAccountId": AZURE,
        "SubAccountId": "/subscriptions/64e355d7-997c-491d-b0c1-8414dccfcf42",
        "ProviderName": "Microsoft Azure",
        "PublisherName": "Microsoft",
        "InvoiceIssuerName": "Microsoft",
        "Tags": '"team": "vision","env": "prod"',
        "AvailabilityZone": "N/A",
        "ListUnitPrice": "99",
        "x_ResourceGroupName": "rg-gpu",
        "x_SkuMeterName": "ND96isr H100 v5",
    }
    return rows("1.2", **own)


@pytest.fixture(scope="module")
def estate(tmp_path_factory) -> tuple[Path, DeliveredExport]:
    root = tmp_path_factory.mktemp("native")
    return root, make(root, rows=900)


@pytest.fixture(scope="module")
def built(estate, dbt_paths, tmp_path_factory) -> Warehouse:
    root, corvid = estate
    folder = root / "exports" / "aws" / "focus" / "data" / "BILLING_PERIOD=2026-05"
    write_parquet(folder / "20260602T000000Z-a" / "focus-00001.parquet", aws_rows())
    azure_run(root / "exports" / "azure", "2026-05", "a", "2026-06-02T00:00:00Z", azure_rows())
    (root / "exports.yml").write_text(
        "exports:\n"
        f"  - {{name: {corvid.name}, kind: {corvid.kind}, location: ./{corvid.location}}}\n"
        "  - {name: aws_focus, kind: focus, location: ./exports/aws/}\n"
        "  - {name: azure_focus, kind: focus, location: ./exports/azure/}\n"
    )
    home = tmp_path_factory.mktemp("home")
    report = run_pipeline(load_exports(root / "exports.yml"), home)
    assert report.landing.refusals == []
    assert report.build.ok, report.build.failures
    return Warehouse(home)


def test_every_bill_reconciles_without_a_gap(built):
    assert built.rows(
        "select source_name, count(*), sum(abs(gap)) from ai_finops.quality.reconciliation "
        "where status = 'reconciled' group by 1 order by 1"
    ) == [("aws_focus", 1, 0), ("azure_focus", 1, 0), ("corvid_focus", 3, 0)]
    assert built.rows(
        "select count(*), count_if(gap = 0) from ai_finops.quality.effective_reconciliation"
    ) == [(5, 5)]


def test_the_planted_totals_are_found(built, estate):
    _, corvid = estate
    found = {
        (month, kind): (billed, effective)
        for month, kind, billed, effective in built.rows(
            f"""
            select
                x_billing_period,
                concat_ws('_', lower(charge_class), lower(charge_category),
                    lower(commitment_discount_status),
                    case when charge_category = 'Purchase' and commitment_discount_id is not null
                        then 'commitment' end),
                sum(billed_cost), sum(effective_cost)
            from {FOCUS} where {CORVID} group by all
            """
        )
    }
    planted = {
        (total.month, total.charge_kind): (total.billed_cost, total.effective_cost)
        for total in corvid.totals
    }
    assert found == planted


def test_the_vendor_meets_every_must_rule(built):
    assert (
        built.rows(
            "select rule_id, example from ai_finops.quality.conformance where rows_failing > 0 "
            "and requirement_level = 'MUST' and source_name = 'corvid_focus'"
        )
        == []
    )


def test_the_commitment_balances(built):
    assert built.rows(
        "select status, count(*), sum(abs(source_gap)) from ai_finops.quality.commitment_balance "
        "where source_name = 'corvid_focus' group by all"
    ) == [("balanced", 3, Decimal(0))]


def test_the_version_of_each_file_is_told(built):
    assert built.rows(
        "select source_name, focus_version, missing_columns, unknown_columns, count(*) "
        "from ai_finops.quality.focus_versions group by all order by all"
    ) == [
        ("aws_focus", "1.0", 0, 0, 1),
        ("azure_focus", "1.2", 0, 0, 1),
        ("corvid_focus", "1.2", 0, 1, 3),
    ]


def test_names_units_tags_and_own_columns_are_read(built):
    assert built.rows(
        f"""
        select distinct service_provider_name, host_provider_name, pricing_unit, charge_frequency,
            tags['team'], x_usage_type, x_service_code, x_cost_categories['Unit'], x_resource_group,
            sku_meter, availability_zone, list_unit_price
        from {FOCUS} where not {CORVID} order by all
        """
    ) == [
        (
            "AWS",
            "AWS",
            "Hours",
            "Usage-Based",
            "vision",
            "BoxUsage:p5.48xlarge",
            "AmazonEC2",
            "Research",
            None,
            None,
            None,
            Decimal("2.5"),
        ),
        (
            "Anthropic",
            "AWS",
            "Hours",
            "Usage-Based",
            "vision",
            "BoxUsage:p5.48xlarge",
            "AmazonEC2",
            "Research",
            None,
            None,
            None,
            Decimal("2.5"),
        ),
        (
            "Microsoft",
            "Microsoft",
            "Hours",
            "Usage-Based",
            "vision",
            None,
            None,
            None,
            "rg-gpu",
            "ND96isr H100 v5",
            None,
            None,
        ),
    ]


def test_every_repair_is_one_of_the_seed_and_each_source_has_its_own(built):
    with (ROOT / "seeds" / "focus" / "native_source_changes.csv").open(newline="") as lines:
        known = {row["code"] for row in csv.DictReader(lines)}
    found = {
        source: set(codes)
        for source, codes in built.rows(
            f"""
            select source, list(distinct code) from (
                select x_source_name as source, unnest(string_split(x_source_changes, ';')) as code
                from {FOCUS}
            ) group by all
            """
        )
    }
    assert set().union(*found.values()) <= known
    renamed = {"provider_renamed", "host_from_provider"}
    assert found["aws_focus"] == renamed | {
        "provider_respelled",
        "seller_from_publisher",
        "unit_respelled",
        "value_respelled",
    }
    assert found["azure_focus"] == renamed | {
        "provider_respelled",
        "stand_in_removed",
        "tags_reshaped",
        "list_unit_price_dropped",
    }
    assert found["corvid_focus"] == {
        "provider_renamed",
        "stand_in_removed",
        "value_respelled",
        "sku_keys_marked",
    }


def test_token_rows_name_model_direction_and_cache(built):
    assert built.rows(
        f"""
        select distinct sku_id, x_model_id, x_token_direction, x_token_cache_action, pricing_unit
        from {FOCUS} where {CORVID} and sku_id like 'tokens%' order by all
        """
    ) == [
        ("tokens-cached", "rank-xl", "Input", "Read", "1000000 Tokens"),
        ("tokens-in", "rank-xl", "Input", None, "1000000 Tokens"),
        ("tokens-out", "rank-xl", "Output", None, "1000000 Tokens"),
    ]


@pytest.mark.parametrize(("view", "columns"), [("1_2", 57), ("1_0", 43)])
def test_earlier_versions_have_the_same_rows_and_money(built, view, columns):
    relation = f"ai_finops.focus_export.cost_and_usage_{view}"
    assert built.rows(f"select count(*) from (describe from {relation})") == [(columns,)]
    assert built.rows(
        f"select count(*), sum(BilledCost), sum(EffectiveCost) from {relation}"
    ) == built.rows(f"select count(*), sum(billed_cost), sum(effective_cost) from {FOCUS}")
    assert built.rows(
        f"select distinct ProviderName, PublisherName from {relation} order by all"
    ) == [
        ("AWS", "AWS"),
        ("AWS", "Anthropic"),
        ("Corvid Compute", "Corvid Compute"),
        ("Microsoft", "Microsoft"),
    ]
    assert built.rows(f"select count(*) from {relation} where Tags->>'team' = 'vision'") == [(8,)]


def test_companion_datasets_are_staged(built):
    assert built.rows(
        "select count(*), count(distinct contract_commitment_id), "
        "min(contract_commitment_cost) > 0 "
        "from warehouse.staging.stg_focus__contract_commitment"
    ) == [(3, 1, True)]
    assert built.rows(
        "select billing_period_status, count(*) "
        "from warehouse.staging.stg_focus__billing_period group by all order by all"
    ) == [("Closed", 2), ("Open", 1)]
    assert built.rows(
        "select billing_period, sum(billed_cost) "
        "from warehouse.staging.stg_focus__invoice_detail group by all order by all"
    ) == built.rows(
        f"select x_billing_period, sum(billed_cost) from {FOCUS} "
        f"where {CORVID} and invoice_id is not null group by all order by all"
    )


def test_another_effective_cost_than_the_provider_states_is_caught(built, tmp_path):
    tampered = built.copy_to(tmp_path / "home")
    tampered.execute(
        f"update {FOCUS} set effective_cost = effective_cost + 0.01 "
        f"where {CORVID} and charge_category = 'Tax'",
        "delete from raw_ops.rebuild_queue",
        "insert into raw_ops.rebuild_queue (source_name, billing_period, version_id, reason) "
        "select distinct source_name, billing_period, version_id, 'planted error' "
        "from raw_ops.deliveries where is_current and table_name = 'cost_and_usage'",
    )
    tampered.dbt("run", "--select", "focus_totals effective_reconciliation")
    tested = tampered.dbt("test", "--select", "effective_reconciliation")
    assert tested["assert_effective_cost_is_what_the_provider_states"] == "fail"


def test_a_cost_moved_between_charge_types_is_caught(built, tmp_path):
    """The account's total still holds."""
    tampered = built.copy_to(tmp_path / "home")
    tampered.execute(
        f"update {FOCUS} set effective_cost = effective_cost + 0.01 where {CORVID} and "
        f"x_source_row = (select min(x_source_row) from {FOCUS} where {CORVID} "
        "and charge_category = 'Tax' and x_billing_period = '2026-05') "
        "and charge_category = 'Tax' and x_billing_period = '2026-05'",
        f"update {FOCUS} set effective_cost = effective_cost - 0.01 where {CORVID} and "
        f"x_source_row = (select min(x_source_row) from {FOCUS} where {CORVID} "
        "and charge_category = 'Usage' and x_billing_period = '2026-05') "
        "and charge_category = 'Usage' and x_billing_period = '2026-05'",
        "delete from raw_ops.rebuild_queue",
        "insert into raw_ops.rebuild_queue (source_name, billing_period, version_id, reason) "
        "select distinct source_name, billing_period, version_id, 'planted error' "
        "from raw_ops.deliveries where is_current and table_name = 'cost_and_usage'",
    )
    tampered.dbt("run", "--select", "focus_totals effective_reconciliation")
    law = "assert_effective_cost_is_stated_per_charge_type"
    tested = tampered.dbt("test", "--select", f"effective_reconciliation {law}")
    assert tested["assert_effective_cost_is_what_the_provider_states"] == "pass"
    assert tested[law] == "fail"
