"""The gate between build and publication: policies judged once per build and day.

Judging costs 3 s, so the outcome is remembered until a build changes the tables or the day changes
(policies begin and end, and bills grow old).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from orchestration.exclusive import exclusive
from orchestration.quality import page, results
from orchestration.quality.marks import marked, remember
from orchestration.quality.policies import FAIL, SHARES_OF_COST, WARN, Judged, read_policies
from orchestration.quality.suites import judge
from orchestration.quality.untagged import Untagged, dearest


@dataclass
class PolicyReport:
    """Verdicts on all policies that hold; `untagged` is what to tag first, by policy."""

    policies: list[Judged] = field(default_factory=list)
    untagged: dict[str, list[Untagged]] = field(default_factory=dict)
    page: Path | None = None
    remembered: bool = False
    blocks: bool = False

    def of(self, verdict: str) -> list[Judged]:
        """Policies with a verdict."""
        return [policy for policy in self.policies if policy.verdict == verdict]


def check_policies(
    data: Path, *, today: dt.date | None = None, force: bool = False
) -> PolicyReport:
    """Judge the policies on what is built, or recall the verdicts where nothing has changed.

    Writes the verdicts to quality.expectation_results, to the history below ``quality/`` and to the
    page ``published/coverage/index.html``. Raises DataFolderInUse where another program holds one
    of the two databases.
    """
    from orchestration.pipeline import private_database

    now = dt.datetime.now(dt.UTC).replace(tzinfo=None)
    today = today or now.date()
    with exclusive(data):
        with private_database(data) as connection:
            policies = read_policies(connection, today)
            if policies is None:
                return PolicyReport()
            remembered = not force and _recall(connection, policies, today)
        if not remembered:
            judge(policies)
        report = PolicyReport(policies, remembered=remembered)
        report.blocks = bool(report.of(FAIL))
        report.page = page.page_file(data)
        with private_database(data) as connection:
            for policy in [*report.of(FAIL), *report.of(WARN)]:
                if policy.check_kind in SHARES_OF_COST:
                    report.untagged[policy.policy] = dearest(connection, policy)
            if not remembered:
                results.store(connection, data, policies, now)
                page.write(connection, data, report, now)
                remember(connection, today, report.blocks)
    return report


def _recall(connection: duckdb.DuckDBPyConnection, policies: list[Judged], today: dt.date) -> bool:
    """Fill in the verdicts of the last run; False where they are of another day or build."""
    last = marked(connection)
    if last is None or last[0] != today:
        return False
    known = connection.execute(
        "select count(*) from duckdb_tables() where database_name = 'ai_finops' "
        "and schema_name = 'quality' and table_name = 'expectation_results'"
    ).fetchone()[0]
    if not known:
        return False
    verdicts = {
        (policy, currency): verdict
        for policy, currency, verdict in connection.execute(
            f"select policy, currency, verdict from {results.TABLE} where is_current"
        ).fetchall()
    }
    if set(verdicts) != {(policy.policy, policy.currency) for policy in policies}:
        return False
    for policy in policies:
        policy.verdict = verdicts[(policy.policy, policy.currency)]
    return True
