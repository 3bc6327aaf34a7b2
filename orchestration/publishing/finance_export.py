"""The posting file of a month: statement lines, rounded to the currency's minor unit.

Each document (source, billing account, currency and billing period) sums to its invoice: what
rounding takes or gives is a line of its own. Columns are described in docs/statements.md.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import duckdb

BASES = ("billed", "effective")
COLUMNS = (
    "document",
    "posting_date",
    "cost_centre",
    "account_code",
    "amount",
    "currency",
    "text",
    "line_type",
    "team",
    "project",
    "source",
    "billing_account",
    "billing_period",
    "status",
)
#: What a spreadsheet would take for a formula; names of projects may come from anybody's tags.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


class StatementNotExported(RuntimeError):
    """A statement cannot be written as a posting file; the text says why and what to do."""


@dataclass(frozen=True)
class Line:
    """One line of a statement, summed over service categories with one account."""

    source: str
    account: str
    currency: str
    period: str
    cost_centre: str | None
    line_type: str
    account_code: str
    team: str | None
    project: str | None
    owner_class: str | None
    corrected: str | None
    is_closed: bool
    amount: Decimal

    @property
    def document(self) -> tuple[str, str, str, str]:
        """Lines of one document sum to one invoice."""
        return (self.source, self.account, self.currency, self.period)


@dataclass(frozen=True)
class Exported:
    """What was written: the file, its lines, and total by document and currency."""

    path: Path
    lines: int
    totals: dict[tuple[str, str, str, str], Decimal]
    provisional: list[str]


def export_statement(
    data: Path, month: str, target: Path, sources: list[str] | None = None, basis: str = "billed"
) -> Exported:
    """Write the statement of a month as CSV (UTF-8); the file is replaced as a whole.

    Raises StatementNotExported where the month has no statement, or where a policy does not say the
    account of a line type or the minor unit of a currency.
    """
    from orchestration.exclusive import exclusive
    from orchestration.pipeline import private_database

    with exclusive(data), private_database(data) as connection:
        lines = _lines(connection, month, sources, basis)
        digits = _digits(connection, {line.currency for line in lines})
        accounts = _accounts(connection)
    written = list(_posted(lines, month, digits, accounts))
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(target.name + ".partial")
    try:
        with partial.open("w", encoding="utf-8", newline="") as sink:
            writer = csv.DictWriter(sink, COLUMNS)
            writer.writeheader()
            writer.writerows(written)
        os.replace(partial, target)
    finally:
        partial.unlink(missing_ok=True)
    totals = {
        document: _rounded(sum((line.amount for line in group), Decimal(0)), digits[document[2]])
        for document, group in _documents(lines)
    }
    provisional = sorted({line.source for line in lines if not line.is_closed})
    return Exported(target, len(written), totals, provisional)


def _lines(
    connection: duckdb.DuckDBPyConnection, month: str, sources: list[str] | None, basis: str
) -> list[Line]:
    rows = connection.execute(
        f"""
        select
            stated.source_name, stated.billing_account_id, stated.billing_currency,
            stated.billing_period, stated.cost_centre, stated.line_type,
            coalesce(exact.account_code, other.account_code), stated.team, stated.project,
            stated.owner_class, stated.restated_line_type, bool_and(stated.is_closed),
            sum(stated.{basis}_cost)
        from ai_finops.ownership.statement_monthly as stated
        left join reference.statement_accounts as exact
            on stated.line_type = exact.line_type
            and stated.service_category = exact.service_category
        left join reference.statement_accounts as other
            on stated.line_type = other.line_type and nullif(other.service_category, '') is null
        where stated.statement_month = $1 and ($2 is null or list_contains($2, stated.source_name))
        group by all
        order by all""",
        [month, sources],
    ).fetchall()
    if not rows:
        months = connection.execute(
            "select string_agg(distinct statement_month, ', ' order by statement_month) "
            "from ai_finops.ownership.statement_monthly"
        ).fetchone()[0]
        named = f" of {', '.join(sources)}" if sources else ""
        raise StatementNotExported(
            f"There is no statement{named} for {month}. Months with statements: {months}."
        )
    lines = [Line(row[0], row[1] or "", *row[2:]) for row in rows]
    for line in lines:
        if line.account_code is None:
            raise StatementNotExported(
                f"No account is named for lines of type {line.line_type!r}. Add a row for it to "
                "seeds/policy/statement_accounts.csv and build."
            )
    return lines


def _digits(connection: duckdb.DuckDBPyConnection, currencies: set[str]) -> dict[str, int]:
    known = dict(
        connection.execute(
            "select currency, minor_unit_digits from reference.statement_currencies"
        ).fetchall()
    )
    if unknown := sorted(currencies - set(known)):
        raise StatementNotExported(
            f"The minor unit of {', '.join(unknown)} is not known. Add a row for it to "
            "seeds/policy/statement_currencies.csv and build."
        )
    return known


def _accounts(connection: duckdb.DuckDBPyConnection) -> dict[str, tuple[str, str]]:
    """Account and cost centre of lines without one, by line type."""
    rows = connection.execute(
        "select line_type, account_code, cost_centre_without_owner "
        "from reference.statement_accounts where nullif(service_category, '') is null"
    ).fetchall()
    found = {line_type: (account, centre) for line_type, account, centre in rows}
    if "rounding" not in found:
        raise StatementNotExported(
            "No account is named for rounding. Add a row of that line type to "
            "seeds/policy/statement_accounts.csv and build."
        )
    return found


def _documents(lines: Iterable[Line]) -> Iterator[tuple[tuple[str, str, str, str], list[Line]]]:
    grouped: dict[tuple[str, str, str, str], list[Line]] = {}
    for line in lines:
        grouped.setdefault(line.document, []).append(line)
    yield from sorted(grouped.items())


def _posted(
    lines: list[Line], month: str, digits: dict[str, int], accounts: dict[str, tuple[str, str]]
) -> Iterator[dict[str, str]]:
    """Rows of the file, document by document, each closed by its rounding where there is any."""
    for (source, account, currency, period), group in _documents(lines):
        corrects = period != month
        common = {
            "document": f"{source}/{account}/{period}" + (f"/restated-{month}" * corrects),
            "posting_date": _last_day(month).isoformat(),
            "currency": currency,
            "source": source,
            "billing_account": account,
            "billing_period": period,
            "status": "closed" if all(line.is_closed for line in group) else "provisional",
        }
        # Summed before they are rounded: two halves of a cent are a cent.
        posted: dict[tuple[str, str, str, str, str, str], Decimal] = {}
        for line in group:
            centre = line.cost_centre or accounts[line.line_type][1]
            place = (
                centre,
                line.account_code,
                line.line_type,
                line.team or "",
                line.project or "",
                _text(line, period),
            )
            posted[place] = posted.get(place, Decimal(0)) + line.amount
        total = _rounded(sum(posted.values(), Decimal(0)), digits[currency])
        stated = Decimal(0)
        for (centre, code, line_type, team, project, text), exact in sorted(posted.items()):
            amount = _rounded(exact, digits[currency])
            stated += amount
            if amount:
                yield common | {
                    "cost_centre": centre,
                    "account_code": code,
                    "amount": f"{amount:f}",
                    "text": _plain(text),
                    "line_type": line_type,
                    "team": _plain(team),
                    "project": _plain(project),
                }
        if total != stated:
            code, centre = accounts["rounding"]
            yield common | {
                "cost_centre": centre,
                "account_code": code,
                "amount": f"{total - stated:f}",
                "text": f"{source} {period} rounding of the lines above",
                "line_type": "rounding",
                "team": "",
                "project": "",
            }


def _text(line: Line, period: str) -> str:
    what = line.corrected or line.line_type
    words = [line.source, period, what.replace("_", " ")]
    if line.corrected:
        words.insert(2, "correction of")
    if line.owner_class and not line.team:
        words.append(f"({line.owner_class.replace('_', ' ')})")
    owner = "/".join(part for part in (line.team, line.project) if part)
    return " ".join([*words, owner]).strip()


def _plain(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA) else text


def _rounded(amount: Decimal, digits: int) -> Decimal:
    return amount.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)


def _last_day(month: str) -> date:
    first = date.fromisoformat(f"{month}-01")
    return (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
