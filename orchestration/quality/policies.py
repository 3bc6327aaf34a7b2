"""Rows of the policy seed together with what dbt measured for them, and verdicts on both."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import duckdb

# Verdicts, worst first. Unknown is a verdict of its own: it is neither good nor bad.
FAIL, WARN, NO_DATA, NOT_JUDGED, PASS = "fail", "warn", "no_data", "not_judged", "pass"
VERDICTS = (FAIL, WARN, NO_DATA, NOT_JUDGED, PASS)

# Checks whose measure has to stay below its floor: ages in days.
AGES = ("inventory_freshness", "bill_freshness")
SHARES_OF_COST = ("coverage", "tag_coverage", "allowed_values")

SCOPES = {
    "scope_provider": "provider",
    "scope_source": "export",
    "scope_billing_account": "billing account",
    "scope_sub_account": "account",
    "scope_team": "team",
    "scope_service_category": "service category",
    "scope_ai_spend": "AI spend",
}

_MEASURES = f"""
    select
        policies.policy, policies.check_kind, policies.governed_key,
        {", ".join(f"policies.{scope}" for scope in SCOPES)},
        policies.window_days, policies.floor_to_warn, policies.floor_to_fail,
        policies.minimum_cost, policies.owner_to_tell, policies.reason,
        measures.currency, measures.window_from, measures.window_to, measures.judged_cost,
        measures.missing_cost, measures.charge_rows, measures.charge_rows_before,
        measures.newest_snapshot_at, measures.newest_day, measures.measured
    from reference.coverage_policies as policies
    left join ai_finops.ownership.coverage_by_policy as measures
        on policies.policy = measures.policy
    where coalesce(policies.valid_from <= $1, true) and coalesce(policies.valid_to > $1, true)
    order by policies.policy, measures.currency
"""


@dataclass
class Judged:
    """A policy, what was measured for it in one currency, and the verdict on that."""

    policy: str
    check_kind: str
    governed_key: str
    scopes: dict[str, str]
    window_days: int | None
    floor_to_warn: Decimal | None
    floor_to_fail: Decimal | None
    minimum_cost: Decimal | None
    owner_to_tell: str | None
    reason: str | None
    currency: str | None
    window_from: dt.date | None
    window_to: dt.date | None
    judged_cost: Decimal | None
    missing_cost: Decimal | None
    charge_rows: int | None
    charge_rows_before: int | None
    newest_snapshot_at: dt.datetime | None
    newest_day: dt.date | None
    measured: float | None
    verdict: str = NOT_JUDGED
    gx_result: dict[str, Any] = field(default_factory=dict)

    @property
    def scope(self) -> str:
        """The scope in words: what narrows it, or all charges."""
        narrowed = [
            f"{words} {self.scopes[column].replace('|', ' or ')}"
            for column, words in SCOPES.items()
            if self.scopes[column] != "*"
        ]
        return ", ".join(narrowed) or "all charges"

    @property
    def is_age(self) -> bool:
        """Whether the measure is an age in days, which has to stay below its floor."""
        return self.check_kind in AGES

    @property
    def missed_floor(self) -> Decimal | None:
        """The floor that the verdict is about."""
        return {FAIL: self.floor_to_fail, WARN: self.floor_to_warn}.get(self.verdict)

    def judgeable(self) -> str | None:
        """None where the measure can be held against the floors, else the verdict that says why."""
        if self.measured is None:
            return NO_DATA
        if self.is_age:
            return None
        minimum = max(self.minimum_cost or Decimal(0), Decimal(0))
        if self.judged_cost is None or self.judged_cost <= 0 or self.judged_cost < minimum:
            return NOT_JUDGED
        return None


def read_policies(connection: duckdb.DuckDBPyConnection, today: dt.date) -> list[Judged] | None:
    """The policies that hold today with their measures; None where no build has made them yet."""
    known = connection.execute(
        "select count(*) from duckdb_tables() where (schema_name, table_name) in "
        "(('reference', 'coverage_policies'), ('ownership', 'coverage_by_policy'))"
    ).fetchone()[0]
    if known < 2:
        return None
    found = connection.execute(_MEASURES, [today])
    names = [column[0] for column in found.description]
    policies = []
    for values in found.fetchall():
        row = dict(zip(names, values, strict=True))
        scopes = {column: row.pop(column) for column in SCOPES}
        judged = Judged(scopes=scopes, **row)
        # Only this one measure moves while nothing is landed, so it is not dbt's to make.
        if judged.check_kind == "bill_freshness" and judged.newest_day is not None:
            judged.measured = float(max((today - judged.newest_day).days, 0))
        policies.append(judged)
    return policies
