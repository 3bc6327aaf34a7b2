"""Close and reopen months: judge whether a month may be closed, and keep what was stated of it.

A closed month is no longer rewritten by a changed rule or a restated bill: its charges stay
attributed and shared as they were, and what its bill says since is a correction in a later month.
"""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from orchestration.closing.books import KEPT, Books, Closed
from orchestration.exclusive import exclusive
from orchestration.exports.ledger import sync_tree
from orchestration.exports.schemas import identifier, literal

MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
#: Where each kept table comes from; {source} and {month} are SQL literals.
_KEPT_FROM = {
    "kept_attributions": """
        from allocation.key_attributions as kept
        inner join allocation.key_digests using (source_name, billing_period, attribution_key)
        where source_name = {source} and billing_period = {month}""",
    "kept_shares": """
        from allocation.shared_shares as kept
        inner join allocation.key_digests using (source_name, billing_period, attribution_key)
        where source_name = {source} and billing_period = {month}""",
    "kept_statements": """
        from ai_finops.ownership.statement_monthly as kept
        where source_name = {source} and statement_month = {month}""",
}


class MonthNotClosable(RuntimeError):
    """A month cannot be closed or reopened; the text says why and what to do."""


@dataclass(frozen=True)
class Closing:
    """What was closed: month and source, lines of its statement, billed cost by currency."""

    source_name: str
    billing_period: str
    lines: int
    billed: dict[str, Any]


def close(
    data: Path, month: str, sources: list[str] | None = None, reason: str = ""
) -> list[Closing]:
    """Close a month of the named sources, or of all that have it and are not closed yet.

    All or none: raises MonthNotClosable where one of them is not complete, has a failed check or is
    closed already. Nothing in the warehouse changes before the next build.
    """
    from orchestration.pipeline import private_database

    _require_month(month)
    with exclusive(data), private_database(data) as connection:
        _require_good_build(connection)
        chosen = _sources_of(connection, Books(data), month, sources)
        problems = [p for source in chosen for p in _problems(connection, source, month)]
        if problems:
            listed = "\n".join(f"  - {problem}" for problem in problems)
            raise MonthNotClosable(
                f"{month} cannot be closed:\n{listed}\n"
                "Close what is ready with --source, and the rest later."
            )
        return [_keep(connection, Books(data), source, month, reason) for source in chosen]


def reopen(
    data: Path, month: str, sources: list[str] | None = None, reason: str = ""
) -> list[Closed]:
    """Reopen a month of the named sources, or of all that have closed it; its rules are today's.

    Raises MonthNotClosable where none has, or where a later closed month states corrections of it.
    """
    from orchestration.pipeline import private_database

    _require_month(month)
    books = Books(data)
    with exclusive(data):
        closed = [
            one
            for one in books.closed()
            if one.billing_period == month and (sources is None or one.source_name in sources)
        ]
        missing = set(sources or ()) - {one.source_name for one in closed}
        if missing or not closed:
            raise MonthNotClosable(
                f"{month} is not closed for {', '.join(sorted(missing)) or 'any source'}."
            )
        with private_database(data) as connection:
            for one in closed:
                _refuse_if_corrected(connection, one)
        for one in closed:
            books.record(one.source_name, month, {"action": "reopen", "reason": reason})
    return closed


def _require_month(month: str) -> None:
    if not MONTH.fullmatch(month):
        raise MonthNotClosable(f"{month!r} is no month: write it as YYYY-MM, such as 2026-06.")


def _require_good_build(connection: duckdb.DuckDBPyConnection) -> None:
    """The last build passed its checks, and nothing has landed since that it does not have."""
    known = connection.execute(
        "select count(*) from duckdb_tables() "
        "where schema_name = 'raw_ops' and table_name = 'built_code'"
    ).fetchone()[0]
    good = (
        known
        and connection.execute(
            "select count(*) from raw_ops.built_code where policy is not null"
        ).fetchone()[0]
    )
    if not good:
        raise MonthNotClosable(
            "The last build failed, was interrupted or never ran, so no figure can be closed. "
            "Run `python -m orchestration run` until its checks pass."
        )
    judged = connection.execute(
        "select count(*) from duckdb_tables() "
        "where schema_name = 'quality' and table_name = 'expectation_results'"
    ).fetchone()[0]
    failed = None
    if judged:
        (failed,) = connection.execute(
            "select string_agg(distinct policy, ', ' order by policy) "
            "from ai_finops.quality.expectation_results where is_current and verdict = 'fail'"
        ).fetchone()
    if failed:
        raise MonthNotClosable(
            f"Policies below their floor stop publication, and closing with it: {failed}. "
            "quality.expectation_results says what is missing."
        )


def _sources_of(
    connection: duckdb.DuckDBPyConnection, books: Books, month: str, sources: list[str] | None
) -> list[str]:
    rows = connection.execute(
        "select source_name from ai_finops.quality.period_status where billing_period = $1 "
        "order by source_name",
        [month],
    ).fetchall()
    built = [name for (name,) in rows]
    if not built:
        months = connection.execute(
            "select string_agg(distinct billing_period, ', ' order by billing_period) "
            "from ai_finops.quality.period_status"
        ).fetchone()[0]
        raise MonthNotClosable(f"There is no bill for {month}. Months with bills: {months}.")
    unknown = sorted(set(sources or ()) - set(built))
    if unknown:
        raise MonthNotClosable(
            f"{', '.join(unknown)} has no bill for {month}. Sources that have: {', '.join(built)}."
        )
    closed = {one.source_name for one in books.closed() if one.billing_period == month}
    again = sorted(closed & set(sources or ()))
    chosen = [name for name in built if name not in closed and (not sources or name in sources)]
    if again or not chosen:
        raise MonthNotClosable(
            f"{month} is closed already for {', '.join(again or sorted(closed))}. "
            "`close --again` attributes it by today's rules and keeps that instead."
        )
    return chosen


def _problems(connection: duckdb.DuckDBPyConnection, source: str, month: str) -> list[str]:
    """Why a month of a source cannot be closed; empty where it can."""
    here = [source, month]
    (status, days, expected, last_day, uninvoiced, quarantined) = connection.execute(
        "select status, days_present, days_expected, last_complete_day, uninvoiced_rows, "
        "quarantined_rows from ai_finops.quality.period_status "
        "where source_name = $1 and billing_period = $2",
        here,
    ).fetchone()
    found = []
    if status == "open":
        found.append(
            f"its bill is not complete: metered up to {last_day or 'no whole day'} "
            f"({days} of {expected} days have charges), or charges may still come "
            "(seed settling_days)"
        )
    elif status == "provisional":
        found.append(f"its bill is provisional: {uninvoiced} charges name no issued invoice yet")
    if quarantined:
        found.append(
            f"{quarantined} rows of its bill are in quarantine (quality.quarantine names them)"
        )
    found += _failed_checks(connection, here)
    pending = connection.execute(
        "select count(*) from raw_ops.current_versions as landed "
        "left join raw_ops.built_periods as built using (source_name, billing_period) "
        "where source_name = $1 and billing_period = $2 "
        "and built.version_id is distinct from landed.version_id",
        here,
    ).fetchone()[0]
    if pending:
        found.append("a newer delivery is landed and not built: run `python -m orchestration run`")
    return [f"{source}: {problem}." for problem in found]


def _failed_checks(connection: duckdb.DuckDBPyConnection, here: list[str]) -> list[str]:
    found = []
    for delivery, reason in connection.execute(
        "select delivery, reason from ai_finops.quality.refusals "
        "where source_name = $1 and is_open order by delivery",
        here[:1],
    ).fetchall():
        found.append(f"its delivery {delivery} was refused ({reason.rstrip('.')})")
    for gap, currency in connection.execute(
        "select gap, billing_currency from ai_finops.quality.reconciliation "
        "where source_name = $1 and billing_period = $2 and gap <> 0",
        here,
    ).fetchall():
        found.append(f"file and focus.billed_cost differ by {gap:f} {currency}")
    for invoice, gap, currency in connection.execute(
        "select invoice_id, gap, billing_currency from ai_finops.quality.invoice_tie_out "
        "where source_name = $1 and billing_period = $2 and status = 'gap' order by invoice_id",
        here,
    ).fetchall():
        found.append(f"invoice {invoice} and its charges differ by {gap:f} {currency}")
    return found


def _keep(
    connection: duckdb.DuckDBPyConnection, books: Books, source: str, month: str, reason: str
) -> Closing:
    """Write the files of a closing, then the event that makes it count."""
    sequence = books.next_sequence(source, month)
    folder = books.period_folder(source, month) / f"{sequence:06d}"
    shutil.rmtree(folder, ignore_errors=True)  # left by a closing that was interrupted
    folder.mkdir(parents=True)
    values = {"source": literal(source), "month": literal(month)}
    for table, columns in KEPT.items():
        names = ", ".join(identifier(name) for name in columns)
        path = literal(str(folder / f"{table}.parquet"))
        connection.execute(
            f"copy (select {names} {_KEPT_FROM[table].format(**values)} order by all) "
            f"to {path} (format parquet, compression zstd)"
        )
    sync_tree(folder)
    version = connection.execute(
        "select version_id from raw_ops.built_periods "
        "where source_name = $1 and billing_period = $2",
        [source, month],
    ).fetchone()
    books.record(
        source,
        month,
        {
            "action": "close",
            "sequence": sequence,
            "version_id": version[0] if version else "",
            "reason": reason,
        },
    )
    stated = connection.execute(
        "select billing_currency, count(*), sum(billed_cost) "
        "from ai_finops.ownership.statement_monthly "
        "where source_name = $1 and statement_month = $2 group by all order by all",
        [source, month],
    ).fetchall()
    billed = {currency: amount for currency, _, amount in stated}
    return Closing(source, month, sum(lines for _, lines, _ in stated), billed)


def _refuse_if_corrected(connection: duckdb.DuckDBPyConnection, closed: Closed) -> None:
    """Its corrections would stand in a closed month beside the rewritten month itself."""
    later = connection.execute(
        "select min(statement_month) from raw_ops.kept_statements "
        "where source_name = $1 and restated_period = $2",
        [closed.source_name, closed.billing_period],
    ).fetchone()[0]
    if later:
        raise MonthNotClosable(
            f"{closed.source_name}: {later} is closed and states corrections of "
            f"{closed.billing_period}. Reopen {later} first."
        )
