"""Invoices, contract commitments and untranslated words: what is delivered and what is derived, and
that a planted error trips its test and no other."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal

import pytest

from orchestration.exports.config import load_exports
from orchestration.pipeline import run_pipeline
from tests.warehouse.focus_vendor import (
    COMMITMENT,
    CONTRACT,
    PLAIN,
    VENDOR,
    invoice_lines,
    write_exports,
)
from tests.warehouse.warehouse import Warehouse

TAGS = ("tag:invoices", "tag:commitment_terms", "tag:vocabulary")
FOCUS = "ai_finops.focus.cost_and_usage"
# What these tests are about, in what is made of the charges; the charges themselves stay.
DATASETS = ("path:models/focus/totals", "invoice_detail", "contract_commitment", "billing_period")
CHECKED = ("invoice_tie_out", "commitment_terms", "unmapped_terms", "unmapped_vocabulary")


@dataclass(frozen=True)
class Plant:
    """An error: statements that plant it, models run after it, tests that have to fail or warn."""

    name: str
    statements: tuple[str, ...]
    run: tuple[str, ...]
    fails: frozenset[str] = frozenset()
    warns: frozenset[str] = frozenset()


def plant(name, *statements, run=(*DATASETS, *CHECKED), fails=(), warns=()) -> Plant:
    return Plant(name, statements, run, frozenset(fails), frozenset(warns))


def lines_with(change: str) -> tuple[str, ...]:
    """Statements that change what the delivered invoice lines say."""
    return (
        "create table kept as select * from raw_focus.invoice_detail",
        change,
        "create or replace view raw_focus.invoice_detail as select * from warehouse.main.kept",
    )


ONE_LINE = f"x_source_name = '{VENDOR}' and invoice_detail_id = 'N-1-Tax'"
ONE_DAY = f"x_source_name = '{VENDOR}' and billed_cost = 599.75"

PLANTS = [
    plant(
        "a charge of an invoice that bills four cents more",
        f"update {FOCUS} set billed_cost = billed_cost + 0.04 where {ONE_LINE}",
        fails={"assert_invoices_tie_out"},
    ),
    plant(
        "an invoice line that says four cents more",
        *lines_with("update kept set billed_cost = billed_cost + 0.04 where billed_cost = 260"),
        fails={"assert_invoices_tie_out"},
    ),
    plant(
        "an invoice line that never came, though charges name it",
        *lines_with("delete from kept where invoice_detail_id = 'N-1-Tax'"),
        fails={"assert_invoices_tie_out", "assert_charges_name_their_invoice_lines"},
    ),
    plant(
        "an invoice of which the bill has no charge",
        *lines_with(
            "insert into kept by name select * replace ('N-2' as invoice_id) from kept limit 1"
        ),
        fails={"assert_invoices_tie_out"},
    ),
    plant(
        "charges linked to a line that their invoice does not have",
        f"update {FOCUS} set invoice_detail_id = 'N-1-Support' where {ONE_LINE}",
        fails={"assert_charges_name_their_invoice_lines"},
    ),
    plant(
        "a derived invoice line that is not what its charges bill",
        "update ai_finops.focus.invoice_detail set billed_cost = billed_cost + "
        f"0.0000000000000001 where x_source_name = '{PLAIN}'",
        run=("invoice_tie_out",),
        fails={"assert_invoices_tie_out"},
    ),
    plant(
        "a commitment that no dataset describes",
        "delete from ai_finops.focus.contract_commitment",
        run=(),
        fails={"assert_charges_name_known_commitments"},
    ),
    plant(
        "a commitment whose whole term cost two euros more than it was bought for",
        f"update {FOCUS} set effective_cost = effective_cost + 2 "
        "where commitment_discount_status = 'Unused'",
        fails={"assert_commitments_balance_over_their_term"},
    ),
    plant(
        "a service without a category that is half of the bill",
        f"update {FOCUS} set service_category = null where {ONE_DAY}",
        fails={"assert_vocabulary_covers_the_bill"},
    ),
    plant(
        "a region without a name that is half of the bill",
        f"update {FOCUS} set region_name = null where {ONE_DAY}",
        fails={"assert_vocabulary_covers_the_bill"},
    ),
    plant(
        "a service without a category that is small",
        f"update {FOCUS} set service_category = null "
        f"where x_source_name = '{PLAIN}' and billed_cost = 10",
        warns={"assert_vocabulary_is_complete"},
    ),
]


@pytest.fixture(scope="module")
def pristine(dbt_paths, tmp_path_factory) -> Warehouse:
    folder = tmp_path_factory.mktemp("vendors")
    report = run_pipeline(load_exports(write_exports(folder)), folder / "home")
    assert not report.landing.refusals, report.landing.refusals
    assert report.build.ok, report.build.failures
    return Warehouse(folder / "home")


@pytest.fixture(scope="module")
def tampered(pristine, tmp_path_factory) -> Warehouse:
    return pristine.copy_to(tmp_path_factory.mktemp("tampered") / "home")


def broken(warehouse: Warehouse, run: tuple[str, ...]) -> dict[str, set[str]]:
    """Run the models for every period, then the tests; names of the tests by how they ended."""
    warehouse.execute(
        "delete from raw_ops.rebuild_queue",
        "insert into raw_ops.rebuild_queue (source_name, billing_period, version_id, reason) "
        "select distinct source_name, billing_period, version_id, 'planted error' "
        "from raw_ops.deliveries where is_current",
    )
    if run:
        built = warehouse.dbt("run", "--select", *run)
        assert set(built.values()) == {"success"}, built
    tested = warehouse.dbt("test", "--select", *TAGS)
    assert tested, "no test carries the tags"
    return {
        outcome: {name for name, status in tested.items() if status == outcome}
        for outcome in ("fail", "warn", "error")
    }


@pytest.mark.parametrize("planted", PLANTS, ids=lambda planted: planted.name)
def test_a_planted_error_trips_its_test_and_no_other(pristine, tampered, planted):
    tampered.restore_from(pristine)
    tampered.execute(*planted.statements)
    found = broken(tampered, planted.run)
    assert found == {"fail": planted.fails, "warn": planted.warns, "error": set()}


def test_the_same_warehouse_without_an_error_passes_every_test(pristine, tampered):
    tampered.restore_from(pristine)
    found = broken(tampered, (*DATASETS, *CHECKED))
    assert found == {"fail": set(), "warn": set(), "error": set()}


def test_every_test_has_been_seen_to_fail(pristine):
    tripped = set().union(*(planted.fails | planted.warns for planted in PLANTS))
    assert set(pristine.dbt("ls", "--resource-type", "test", "--select", *TAGS)) == tripped


def test_delivered_lines_are_kept_and_missing_ones_derived(pristine):
    lines = pristine.rows(
        """
        select x_source_name, x_origin, charge_category, billed_cost, invoice_issue_status,
            payment_terms
        from ai_finops.focus.invoice_detail order by all
        """
    )
    delivered = {
        (VENDOR, "delivered", line["ChargeCategory"], Decimal(line["BilledCost"]), "Issued",
         "30 days net")
        for line in invoice_lines()
    }  # fmt: skip
    derived = {
        (PLAIN, "derived", "Usage", Decimal("10"), None, None),
        (PLAIN, "derived", "Tax", Decimal("2.5"), None, None),
    }
    assert set(lines) == delivered | derived
    assert len(lines) == 5


def test_each_invoice_says_how_far_it_is_proved(pristine):
    assert pristine.rows(
        """
        select source_name, invoice_id, status, billed_cost, invoiced_cost
        from ai_finops.quality.invoice_tie_out order by source_name, invoice_id
        """
    ) == [
        (VENDOR, "N-1", "tied out", Decimal("1560"), Decimal("1560")),
        (VENDOR, None, "not invoiced yet", Decimal("55.5"), None),
        (PLAIN, "S-77", "no invoice detail", Decimal("12.5"), Decimal("12.5")),
    ]


def test_charges_join_their_invoice_lines_once(pristine):
    [(charges, joined, cost)] = pristine.rows(
        f"""
        select
            (select count(*) from {FOCUS} where invoice_id is not null), count(*),
            sum(charges.billed_cost)
        from {FOCUS} as charges
        inner join ai_finops.focus.invoice_detail as details
            using (invoice_issuer_name, invoice_id, invoice_detail_id)
        """
    )
    assert charges == joined == 8
    assert cost == Decimal("1572.5")


def test_an_open_period_stays_open_and_a_delivered_record_wins(pristine):
    found = pristine.rows(
        """
        select x_source_names, strftime(billing_period_start, '%Y-%m'), billing_period_status,
            x_origin
        from ai_finops.focus.billing_period order by all
        """
    )
    assert found == [
        (VENDOR, "2026-05", "Closed", "delivered"),
        (VENDOR, "2026-06", "Open", "delivered"),
        (PLAIN, "2026-05", "Open", "derived"),
    ]


def test_a_delivered_commitment_keeps_its_contract(pristine):
    assert pristine.rows(
        """
        select contract_commitment_id, contract_id, contract_commitment_cost, x_origin
        from ai_finops.focus.contract_commitment
        """
    ) == [(COMMITMENT, CONTRACT, Decimal("300"), "delivered")]
    assert pristine.rows(
        "select status, purchase_cost, effective_cost, term_gap "
        "from ai_finops.quality.commitment_terms"
    ) == [("balanced", Decimal("300"), Decimal("300"), Decimal("0"))]


@pytest.fixture(scope="module")
def estate_home(built_home) -> Warehouse:
    return Warehouse(built_home.home)


def test_charges_of_a_cloud_bill_name_their_commitments_and_invoice_lines(estate_home):
    rows = estate_home.rows(
        """
        select CommitmentDiscountId, CommitmentDiscountCategory, CommitmentDiscountStatus,
            cast(ContractApplied as varchar), CommitmentDiscountQuantity, CommitmentDiscountUnit,
            EffectiveCost
        from ai_finops.focus_export.cost_and_usage
        where x_SourceKind like 'aws%' and CommitmentDiscountId is not null
        """
    )
    seen: Counter[str] = Counter()
    for commitment, category, status, applied, quantity, unit, cost in rows:
        if status is None:
            assert applied is None
            continue
        [element] = json.loads(applied, parse_float=Decimal, parse_int=Decimal)["Elements"]
        assert element["ContractId"] == element["ContractCommitmentId"] == commitment
        if category == "Usage" and quantity is not None:
            assert element["ContractCommitmentAppliedQuantity"] == quantity
            assert element["ContractCommitmentAppliedUnit"] == unit
            assert len(element) == 4
        else:
            assert element["ContractCommitmentAppliedCost"] == cost
            assert len(element) == 3
        seen[f"{category} {status}"] += 1
    assert set(seen) == {"Spend Used", "Spend Unused", "Usage Used", "Usage Unused"}


def test_terms_of_a_cloud_bill_are_the_planted_ones(estate_home):
    """What the sample estate bought (sample_estate/aws/commitments.py), to the cent."""
    found = {
        row[0]: row[1:]
        for row in estate_home.rows(
            """
            select contract_commitment_cost, contract_commitment_duration_type,
                contract_commitment_payment_model, contract_commitment_lifecycle_status,
                round(contract_commitment_payment_upfront_percentage, 2)
            from ai_finops.focus.contract_commitment
            where x_origin = 'derived' and service_provider_name = 'AWS'
                and contract_commitment_type = 'ReservedInstances'
            """
        )
    }
    hours, cent = 8760, Decimal("0.01")
    rates = {
        Decimal("0.4777") * 2: ("No Upfront", Decimal(0)),
        Decimal("0.7636"): ("No Upfront", Decimal(0)),
        (Decimal("6.5210") + Decimal("6.4995")) * 2: ("Partial Upfront", Decimal("0.50")),
    }
    assert found == {
        (rate * hours).quantize(cent): ("1 Year", payment, "Active", upfront)
        for rate, (payment, upfront) in rates.items()
    }


def test_every_cloud_invoice_has_its_lines(estate_home):
    found = dict(
        estate_home.rows(
            "select status, count(*) from ai_finops.quality.invoice_tie_out group by status"
        )
    )
    assert found["no invoice detail"] > 0
    assert found["not invoiced yet"] > 0
    assert "gap" not in found
