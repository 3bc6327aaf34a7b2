"""Costs in the reporting currency: converted at the rate of the day, or NULL and counted."""

from __future__ import annotations

from decimal import Decimal

import pytest

from orchestration.exports.config import load_exports
from orchestration.pipeline import run_pipeline
from orchestration.project import published_file
from orchestration.publishing.publish import publish
from tests.warehouse.focus_vendor import PLAIN, VENDOR, write_exports
from tests.warehouse.warehouse import Warehouse, published

RATES = "warehouse.reference.exchange_rates"
RATE_MODELS = ("daily_exchange_rates", "currency_coverage")
DAYS = "ai_finops.focus.daily_exchange_rates"
# A rate from the first day of May on, and another for the second half of the month.
TWO_RATES = (
    f"insert into {RATES} values ('EUR', 'USD', date '2026-05-01', '1.10', 'test'), "
    "('EUR', 'USD', date '2026-05-12', '1.1234567890', 'test')"
)

PLANTS = {
    "no rate at all": (
        (f"delete from {RATES}",),
        RATE_MODELS,
        set(),
        {"assert_costs_have_an_exchange_rate"},
    ),
    "a rate too old to hold": (
        (f"update {RATES} set valid_from = date '2024-05-01'",),
        RATE_MODELS,
        {"assert_exchange_rates_are_usable"},  # both rates now start on one day
        {"assert_costs_have_an_exchange_rate"},
    ),
    "a missing rate taken to be 1": (
        (f"update {DAYS} set exchange_rate = 1 where billing_currency = 'EUR'",),
        (),
        {"assert_exchange_rates_come_from_policy"},
        set(),
    ),
    "an older rate than the newest": (
        (f"update {DAYS} set exchange_rate = 1.10 where billing_currency = 'EUR'",),
        (),
        {"assert_exchange_rates_come_from_policy"},
        set(),
    ),
    "a currency that is not itself": (
        (f"update {DAYS} set exchange_rate = 1.02 where billing_currency = 'USD'",),
        (),
        {"assert_exchange_rates_come_from_policy"},
        set(),
    ),
    "a rate with a comma": (
        (f"insert into {RATES} values ('GBP', 'USD', date '2026-05-01', '1,25', 'test')",),
        RATE_MODELS,
        {"assert_exchange_rates_are_usable"},
        set(),
    ),
    "a rate of 0": (
        (f"insert into {RATES} values ('GBP', 'USD', date '2026-05-01', '0', 'test')",),
        RATE_MODELS,
        {"assert_exchange_rates_are_usable"},
        set(),
    ),
    "a currency into itself at another rate than 1": (
        (f"insert into {RATES} values ('USD', 'USD', date '2026-05-01', '1.01', 'test')",),
        RATE_MODELS,
        {"assert_exchange_rates_are_usable"},
        set(),
    ),
    "two reporting currencies": (
        ("insert into warehouse.reference.reporting_currency values ('CHF', 366, 'test')",),
        (),
        {"assert_one_reporting_currency"},
        set(),
    ),
    "a day that nobody looked a rate up for": (
        (f"delete from {DAYS} where charge_date = date '2026-05-15'",),
        ("currency_coverage",),
        {"assert_days_of_charge_add_up_to_the_bill"},
        {"assert_costs_have_an_exchange_rate"},
    ),
    "a charge that coverage does not count": (
        ("delete from warehouse.focus.charged_days where charge_date = date '2026-05-15'",),
        (),
        {"assert_days_of_charge_add_up_to_the_bill"},
        set(),
    ),
}


@pytest.fixture(scope="module")
def pristine(dbt_paths, tmp_path_factory) -> Warehouse:
    """The vendors' bills, and a policy with rates for EUR."""
    folder = tmp_path_factory.mktemp("vendors")
    report = run_pipeline(load_exports(write_exports(folder)), folder / "home")
    assert report.build.ok, report.build.failures
    warehouse = Warehouse(folder / "home")
    warehouse.execute("delete from warehouse.reference.exchange_rates", TWO_RATES)
    built = warehouse.dbt("run", "--select", *RATE_MODELS)
    assert set(built.values()) == {"success"}, built
    return warehouse


@pytest.fixture(scope="module")
def tampered(pristine, tmp_path_factory) -> Warehouse:
    return pristine.copy_to(tmp_path_factory.mktemp("tampered") / "home")


def broken(warehouse: Warehouse) -> dict[str, set[str]]:
    tested = warehouse.dbt("test", "--select", "tag:currencies")
    return {
        outcome: {name for name, status in tested.items() if status == outcome}
        for outcome in ("fail", "warn", "error")
    }


@pytest.mark.parametrize("name", PLANTS)
def test_a_planted_error_trips_its_test_and_no_other(pristine, tampered, name):
    statements, run, fails, warns = PLANTS[name]
    tampered.restore_from(pristine)
    tampered.execute(*statements)
    if run:
        assert set(tampered.dbt("run", "--select", *run).values()) == {"success"}
    assert broken(tampered) == {"fail": fails, "warn": warns, "error": set()}


def test_the_same_warehouse_without_an_error_passes_every_test(pristine):
    assert broken(pristine) == {"fail": set(), "warn": set(), "error": set()}


def test_every_test_has_been_seen_to_fail(pristine):
    tripped = set().union(*(fails | warns for _, _, fails, warns in PLANTS.values()))
    assert set(pristine.dbt("ls", "--resource-type", "test", "--select", "tag:currencies")) == (
        tripped
    )


def test_charges_are_converted_at_the_rate_of_their_day(pristine):
    found = pristine.rows(
        """
        select billed_cost, billing_currency, x_reporting_currency, x_exchange_rate,
            x_reporting_billed_cost
        from ai_finops.focus.cost_and_usage_reporting
        where billed_cost in (400.25, 599.75, 2.5) order by billed_cost
        """
    )
    assert found == [
        (Decimal("2.5"), "USD", "USD", Decimal(1), Decimal("2.5")),
        (Decimal("400.25"), "EUR", "USD", Decimal("1.10"), Decimal("440.275")),
        (
            Decimal("599.75"), "EUR", "USD", Decimal("1.1234567890"),
            Decimal("599.75") * Decimal("1.1234567890"),
        ),
    ]  # fmt: skip


def test_coverage_and_charges_agree_in_the_reporting_currency(pristine):
    by_charge = pristine.rows(
        """
        select x_source_name, x_billing_period, billing_currency,
            sum(x_reporting_billed_cost), sum(x_reporting_effective_cost)
        from ai_finops.focus.cost_and_usage_reporting group by all order by all
        """
    )
    by_day = pristine.rows(
        """
        select source_name, billing_period, billing_currency, reporting_billed_cost,
            reporting_effective_cost
        from ai_finops.quality.currency_coverage order by all
        """
    )
    assert by_charge == by_day
    assert {(source, currency) for source, _, currency, _, _ in by_day} == {
        (VENDOR, "EUR"),
        (PLAIN, "USD"),
    }


def test_without_a_rate_costs_are_unknown_and_counted(pristine, tampered):
    tampered.restore_from(pristine)
    tampered.execute(f"delete from {RATES} where valid_from = date '2026-05-01'")
    tampered.dbt("run", "--select", *RATE_MODELS)
    [(status, rows, cost, first, last)] = tampered.rows(
        """
        select status, unconverted_rows, unconverted_billed_cost,
            cast(first_day_without_rate as varchar), cast(last_day_without_rate as varchar)
        from ai_finops.quality.currency_coverage
        where source_name = 'nordlicht' and billing_period = '2026-05'
        """
    )
    # the commitment's purchase, the first day of usage and the tax of May 10
    assert (status, rows, cost, first, last) == (
        "partly_converted", 3, Decimal("960.25"), "2026-05-01", "2026-05-10",
    )  # fmt: skip
    [(charges, billed, effective)] = tampered.rows(
        """
        select count(*), count(x_reporting_billed_cost), count(x_reporting_effective_cost)
        from ai_finops.focus.cost_and_usage_reporting
        where x_exchange_rate is null
        """
    )
    assert (charges, billed, effective) == (3, 0, 0)


def test_a_new_rate_changes_no_charge_and_converts_in_the_published_file(pristine, tampered):
    """A rate is policy: the wide table stays as it is, its conversion is a view."""
    tampered.restore_from(pristine)
    before = tampered.rows("select md5(string_agg(cost_and_usage::text, '' order by x_source_file,"
                           " x_source_row)) from ai_finops.focus.cost_and_usage")  # fmt: skip
    tampered.execute(f"update {RATES} set rate = '2' where valid_from = date '2026-05-12'")
    tampered.dbt("run", "--select", *RATE_MODELS)
    after = tampered.rows("select md5(string_agg(cost_and_usage::text, '' order by x_source_file,"
                          " x_source_row)) from ai_finops.focus.cost_and_usage")  # fmt: skip
    assert before == after
    publish(tampered.home)
    with published(published_file(tampered.home)) as connection:
        assert connection.execute(
            "select x_reporting_billed_cost from focus.cost_and_usage_reporting "
            "where billed_cost = 599.75"
        ).fetchone() == (Decimal("1199.5"),)


def test_rates_that_treasury_delivers_convert_the_bills(whole_home):
    """Policy ships no rate: those of the sample company come as a file."""
    found = Warehouse(whole_home.home).rows(
        f"""
        select valid_from::varchar, exchange_rate, rate_source from {DAYS}
        where billing_currency = 'EUR' and charge_date in ('2026-05-01', '2026-06-01')
        order by 1
        """
    )
    assert found == [
        ("2026-01-01", Decimal("1.1650000000"), "treasury of the sample company"),
        ("2026-06-01", Decimal("1.1720000000"), "treasury of the sample company"),
    ]
