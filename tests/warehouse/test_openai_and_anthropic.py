"""Bills of AI vendors through the whole warehouse: the estate's planted truth, then odd bills."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

from orchestration.exports.config import load_exports
from orchestration.pipeline import run_pipeline
from sample_estate.openai import NEW_MODEL
from tests.landing.api_pages import (
    anthropic_bucket,
    anthropic_cost,
    openai_bucket,
    openai_cost,
    openai_usage,
    page,
    save,
)
from tests.one_provider import deliver_alone
from tests.warehouse.warehouse import Warehouse

IN_RANGE = "assert_metered_costs_are_in_range"
FOCUS = "ai_finops.focus.cost_and_usage"
CATEGORIES = {"usage": "Usage", "credit": "Credit", "commitment_fee": "Purchase"}
ROWS = 1_500


def _save_odd_bills(root: Path) -> list[str]:
    """Bills by hand: usage that lacks or is not separable, ungrouped and unknown items, refunds."""
    save(
        root / "oc" / "costs.json",
        page(
            openai_bucket(
                0,
                openai_cost(2.5, "gpt-4o-2024-08-06, input", api_key_id="k1"),
                openai_cost(5, "gpt-4o-2024-08-06, input", api_key_id="k2"),
                openai_cost(10, "gpt-4o-2024-08-06, output", api_key_id="k1"),
                openai_cost(-1, "gpt-4o-2024-08-06, output", api_key_id="k1"),
                openai_cost(7, "holographic calls"),
                openai_cost(500, "Prepaid balance", project_id=None),
            ),
            openai_bucket(1, openai_cost(0.06, None, project_id=None)),
            openai_bucket(2, openai_cost(3, "gpt-4o-2024-08-06, input")),
        ),
    )
    counts = {"model": "gpt-4o-2024-08-06", "output_tokens": 1_000_000}
    save(
        root / "ou" / "usage.json",
        page(
            openai_bucket(0, openai_usage(input_tokens=3_000_000, **counts)),
            openai_bucket(9, openai_usage(input_tokens=77, **counts)),
        ),
    )
    save(
        root / "ac" / "cost.json",
        page(
            anthropic_bucket(
                0,
                anthropic_cost("123.78912"),
                anthropic_cost("55", workspace_id=None),
                anthropic_cost("1000", cost_type="code_execution", token_type=None, model=None),
            )
        ),
    )
    return [
        "  - {name: oc, kind: openai_costs, location: ./oc, account: org}",
        "  - {name: ou, kind: openai_usage, location: ./ou, account: org}",
        "  - {name: ac, kind: anthropic_cost, location: ./ac, account: org_a}",
    ]


@pytest.fixture(scope="module")
def built(dbt_paths, tmp_path_factory):
    """Both vendors' exports of the estate and the odd bills in one home: a build takes 20 s."""
    root = tmp_path_factory.mktemp("vendors")
    exports, entries = [], ["exports:", *_save_odd_bills(root)]
    for provider in ("openai", "anthropic"):
        exports += deliver_alone(provider, root, ROWS)
        entries += (root / "exports.yml").read_text().splitlines()[1:]
    (root / "exports.yml").write_text("\n".join(entries) + "\n")
    report = run_pipeline(load_exports(root / "exports.yml"), root / "home")
    assert not report.landing.refusals
    assert report.build.ok, report.build.failures
    assert not report.build.warnings, report.build.warnings
    return Warehouse(root / "home"), exports, root


@pytest.fixture
def bills(built):
    """The estate's exports: their sources have long names."""
    return built


@pytest.fixture
def odd(built):
    """The bills by hand: their sources have names of two letters."""
    warehouse, _, root = built
    return warehouse, root


def test_planted_totals_are_found_to_the_last_digit(bills):
    warehouse, exports, _ = bills
    found = warehouse.rows(
        f"""
        select x_source_name, x_billing_period, billing_account_id, billing_currency,
            charge_category, sum(billed_cost), sum(effective_cost)
        from {FOCUS} where length(x_source_name) > 2 group by all order by all
        """
    )
    assert found == sorted(
        (
            export.name,
            total.month,
            total.billing_account_id,
            total.currency,
            CATEGORIES[total.charge_kind],
            total.billed_cost,
            total.effective_cost,
        )
        for export in exports
        for total in export.totals
    )


def test_the_bills_reconcile_without_a_gap(bills):
    warehouse, _, _ = bills
    assert warehouse.rows(
        "select distinct status, gap, focus_row_gap from ai_finops.quality.reconciliation"
    ) == [("reconciled", Decimal(0), 0)]


def test_every_must_rule_holds_on_the_estate(bills):
    """Rules that FOCUS asks of every source; those of the odd bills fail where they lack something.

    Neither vendor has names of sub accounts, so that FOCUS does not ask for them.
    """
    warehouse, _, _ = bills
    failing = warehouse.rows(
        """
        select distinct source_name, rule_id
        from ai_finops.quality.conformance_by_period
        inner join (
            select distinct rule_id, requirement_level from ai_finops.quality.conformance
        ) using (rule_id)
        where requirement_level = 'MUST' and rows_failing > 0 and length(source_name) > 2
        """
    )
    assert {rule for _, rule in failing} == {"sub_account_name.not_null_with_sub_account_id"}


def test_no_token_of_the_first_month_is_lost(bills):
    """Of the first month nothing is stated: what usage counts is in FOCUS or in unpriced_usage."""
    warehouse, _, root = bills
    counted = Decimal(0)
    for path in (root / "exports" / "openai_usage" / "2026-05").glob("*.json*"):
        for text in path.read_text().splitlines():
            document = json.loads(text)
            for bucket in document.get("data", [document]):
                for result in bucket["results"]:
                    counted += result.get("input_tokens", 0) + result.get("output_tokens", 0)
    [(found,)] = warehouse.rows(
        f"""
        select
            (select sum(consumed_quantity) from {FOCUS}
             where x_source_name = 'openai_costs' and x_billing_period = '2026-05'
                and consumed_unit = 'Tokens')
            + (select sum(quantity) from ai_finops.quality.unpriced_usage
               where source_name = 'openai_usage' and billing_period = '2026-05'
                  and unit = 'tokens')
        """
    )
    assert found == counted


def test_cents_read_as_dollars_are_caught(bills, tmp_path):
    """Every sum of the bill would still tie to the file: only the public price knows."""
    tampered = bills[0].copy_to(tmp_path / "home")
    assert tampered.dbt("test", "--select", IN_RANGE) == {IN_RANGE: "pass"}
    tampered.execute(
        "update warehouse.quality.vendor_charge_totals set billed_cost = 100 * billed_cost, "
        "billed_cost_at_known_price = 100 * billed_cost_at_known_price where provider = 'anthropic'"
    )
    tampered.dbt("run", "--select", "metered_costs")
    assert tampered.dbt("test", "--select", IN_RANGE) == {IN_RANGE: "fail"}


def test_quantities_come_from_usage_until_the_bill_states_them(bills):
    warehouse, _, _ = bills
    assert warehouse.rows(
        "select distinct provider, billing_period, quantity_state "
        "from ai_finops.quality.metered_costs "
        "where meter <> 'web_search' and length(source_name) > 2 order by all"
    ) == [
        ("anthropic", "2026-05", "matched"),
        ("anthropic", "2026-06", "matched"),
        ("anthropic", "2026-07", "matched"),
        ("openai", "2026-05", "matched"),
        ("openai", "2026-06", "stated"),
        ("openai", "2026-07", "stated"),
    ]


def test_tokens_tell_their_direction_and_cache(bills):
    warehouse, _, _ = bills
    assert warehouse.rows(
        f"""
        select distinct service_provider_name, x_token_direction, x_token_cache_action,
            pricing_unit
        from {FOCUS} where x_token_direction is not null and length(x_source_name) > 2
        order by all
        """
    ) == [
        ("Anthropic", "Input", "Read", "1000000 Tokens"),
        ("Anthropic", "Input", "Write 1h", "1000000 Tokens"),
        ("Anthropic", "Input", "Write 5m", "1000000 Tokens"),
        ("Anthropic", "Input", None, "1000000 Tokens"),
        ("Anthropic", "Output", None, "1000000 Tokens"),
        ("OpenAI", "Input", "Read", "1000000 Tokens"),
        ("OpenAI", "Input", None, "1000000 Tokens"),
        ("OpenAI", "Output", None, "1000000 Tokens"),
    ]


def test_bills_meet_public_prices_where_those_are_known(bills):
    warehouse, _, _ = bills
    assert (
        warehouse.rows(
            "select * from ai_finops.quality.metered_costs "
            "where abs(difference) > 0.000001 * charge_rows and length(source_name) > 2"
        )
        == []
    )
    unknown = warehouse.rows(
        f"""
        select distinct x_model_id from {FOCUS}
        where x_source_changes like '%list_price_unknown%' and x_model_id is not null
            and region_id is null and length(x_source_name) > 2
        """
    )
    assert {model for (model,) in unknown} <= {NEW_MODEL, "claude-preview-next"}
    assert unknown


def test_used_and_not_billed_is_shown_with_its_reason(bills):
    warehouse, _, _ = bills
    assert warehouse.rows(
        "select distinct provider, reason, coalesce(service_tier, meter) "
        "from ai_finops.quality.unpriced_usage where length(source_name) > 2 order by all"
    ) == [
        ("anthropic", "billed_elsewhere", "priority"),
        ("openai", "billed_elsewhere", "scale"),
        ("openai", "free", "moderation"),
    ]


# ---- odd bills -----------------------------------------------------------------------------------


def test_every_odd_row_keeps_its_money_and_says_what_it_lacks(odd):
    warehouse, _ = odd
    assert warehouse.rows(
        f"""
        select x_source_row, charge_category, cast(billed_cost as double),
            cast(pricing_quantity as double), replace(x_source_changes, 'currency_capitalised;', '')
        from {FOCUS} where x_source_name = 'oc' order by 1
        """
    ) == [
        (1, "Usage", 2.5, None, "usage_not_separable;list_price_unknown"),
        (2, "Usage", 5.0, None, "usage_not_separable;list_price_unknown"),
        (3, "Usage", 10.0, 1.0, "currency_capitalised"),
        (4, "Adjustment", -1.0, None, "currency_capitalised"),
        (5, "Adjustment", 7.0, None, "unknown_line_item;currency_capitalised"),
        (6, "Purchase", 500.0, 1.0, "currency_capitalised"),
        (7, "Usage", 0.06, None, "line_item_missing;list_price_unknown"),
        (8, "Usage", 3.0, None, "usage_missing;list_price_unknown"),
    ]


def test_odd_bills_reconcile_too(odd):
    warehouse, _ = odd
    assert warehouse.rows(
        "select source_name, status, gap, focus_billed_cost "
        "from ai_finops.quality.reconciliation where length(source_name) = 2 order by 1"
    ) == [
        ("ac", "reconciled", Decimal(0), Decimal("11.7878912")),
        ("oc", "reconciled", Decimal(0), Decimal("526.56")),
    ]


def test_the_default_workspace_is_told_from_no_workspace(odd):
    warehouse, _ = odd
    assert warehouse.rows(
        f"""
        select sub_account_id, sub_account_type, x_resource_group from {FOCUS}
        where x_source_name = 'ac' order by x_source_row limit 2
        """
    ) == [("wrkspc_1", "Workspace", "wrkspc_1"), (None, None, "default")]


def test_usage_of_odd_bills_is_not_lost(odd):
    warehouse, _ = odd
    assert warehouse.rows(
        "select meter, reason, cast(quantity as bigint) from ai_finops.quality.unpriced_usage "
        "where source_name = 'ou' order by all"
    ) == [
        ("input", "cost_not_landed", 77),
        ("input", "not_separable", 3_000_000),
        ("output", "cost_not_landed", 1_000_000),
    ]


def test_usage_that_arrives_later_fills_the_quantity(odd):
    """Runs last: usage by key replaces the export, and the bill of its month is built again."""
    warehouse, root = odd
    counts = {"model": "gpt-4o-2024-08-06"}
    save(
        root / "ou" / "usage.json",
        page(
            openai_bucket(
                0,
                openai_usage(input_tokens=1_000_000, api_key_id="k1", **counts),
                openai_usage(input_tokens=2_000_000, api_key_id="k2", **counts),
            ),
            openai_bucket(2, openai_usage(input_tokens=1_200_000, **counts)),
        ),
    )
    report = run_pipeline(load_exports(root / "exports.yml"), root / "home")
    assert report.build.ok, report.build.failures
    assert warehouse.rows(
        f"""
        select x_source_row, cast(pricing_quantity as double), cast(list_cost as double)
        from {FOCUS} where x_source_name = 'oc' and charge_category = 'Usage' order by 1
        """
    ) == [(1, 1.0, 2.5), (2, 2.0, 5.0), (3, None, 10.0), (7, None, 0.06), (8, 1.2, 3.0)]
