"""Nothing ever sums two currencies: a sum of money is grouped by its currency, in every model.

Read from the compiled SQL, query by query. A sum may stand without a currency beside it only where
all its rows have one currency for a reason that ALONE states.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import sqlglot
from sqlglot import expressions as exp

from tests.warehouse.warehouse import Warehouse

MONEY = re.compile(r"(^|_)(cost|costs|fee|fees|gap|amount|commitment)(_|$)|^cost$")
CURRENCY = re.compile(r"(^|_)currency(_code)?$|^currency$")
# Sums in the reporting currency, which a test allows only one of.
REPORTED = re.compile(r"^x?_?reporting_|exchange_rate")
# Model -> why a sum of money in it needs no currency beside it.
ALONE = {
    "attribution_keys": "charges of one key, and the currency is part of the key",
    "daily_costs": "days of one key, and the currency is part of the key",
    "machine_charges": "hours of one key, and the currency is part of the key",
    "int_aws_splits__shared": "parts of one machine in one hour, of one account's bill",
}


@pytest.fixture(scope="module")
def compiled(dbt_paths: Path, tmp_path_factory) -> dict[str, str]:
    """Compiled SQL of every model, by name, over a database that holds nothing."""
    home = tmp_path_factory.mktemp("empty")
    (home / "build").mkdir()
    return Warehouse(home).compiled()


def is_money(expression: exp.Expression) -> bool:
    """Whether a summed expression has a column that holds money, in the currency of its bill."""
    names = [column.name.lower() for column in expression.find_all(exp.Column)]
    return any(MONEY.search(name) for name in names) and not any(
        REPORTED.search(name) for name in names
    )


def keeps_to_one_currency(keys: list[exp.Expression], query: exp.Select) -> bool:
    """Whether rows of a group have one currency: it is a key, or they are all one raw line."""
    names = set()
    for key in keys:
        if isinstance(key, exp.Literal) and key.is_int:
            key = query.expressions[int(key.name) - 1]
        names |= {column.name.lower() for column in key.find_all(exp.Column)}
    return "source_row" in names or any(CURRENCY.search(name) for name in names)


def keys_of(total: exp.Sum, query: exp.Select) -> list[exp.Expression]:
    """What a sum is grouped or partitioned by."""
    window = total.find_ancestor(exp.Window)
    if window is not None and window.find_ancestor(exp.Select) is query:
        named = {item.name: item for item in query.args.get("windows") or []}
        window = named.get(window.alias, window)
        return window.args.get("partition_by") or []
    group = query.args.get("group")
    if group is None:
        return []
    return query.expressions if group.args.get("all") else group.expressions


def unguarded(sql: str) -> list[str]:
    """Sums of money in a query that neither group nor partition by a currency."""
    found = []
    for total in sqlglot.parse_one(sql, dialect="duckdb").find_all(exp.Sum):
        query = total.find_ancestor(exp.Select)
        if is_money(total) and not keeps_to_one_currency(keys_of(total, query), query):
            found.append(total.sql(dialect="duckdb"))
    return found


def test_every_sum_of_money_keeps_to_one_currency(compiled: dict[str, str]) -> None:
    found = {name: sums for name, sql in compiled.items() if (sums := unguarded(sql))}
    assert {name: sums for name, sums in found.items() if name not in ALONE} == {}
    assert set(ALONE) <= set(found), "an exception that is no longer needed"


@pytest.mark.parametrize(
    "sql",
    [
        "select billing_period, sum(billed_cost) from t group by billing_period",
        "select sum(case when is_fee then billed_cost else 0 end) from t",
        "with a as (select x, sum(effective_cost) as c from t group by all) select * from a",
        "select sum(cost) over (partition by source_name) from t",
        "select currency, (select sum(billed_cost) from t) as c from u group by currency",
        "select source_name, billing_currency, sum(billed_cost) from t group by 1",
        "select sum(cost) over w from t window w as (partition by source_name)",
    ],
)
def test_a_sum_over_currencies_is_seen(sql: str) -> None:
    assert len(unguarded(sql)) == 1


@pytest.mark.parametrize(
    "sql",
    [
        "select billing_currency, sum(billed_cost) from t group by billing_currency",
        "select x, t.currency_code, sum(cost) from t group by all",
        "select sum(cost) over (partition by source_name, billing_currency) from t",
        "select source_name, billing_currency, sum(billed_cost) from t group by 1, 2",
        "select sum(cost) over w from t window w as (partition by billing_currency)",
        "select sum(credit_amount) from t group by source_file, source_row",
        "select sum(x_reporting_billed_cost) from t",
        "select sum(billed_cost * exchange_rate) from t",
        "select sum(charge_rows) from t",
    ],
)
def test_a_sum_within_one_currency_passes(sql: str) -> None:
    assert unguarded(sql) == []
