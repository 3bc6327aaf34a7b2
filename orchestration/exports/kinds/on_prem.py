"""On-prem rate cards: what a company's own accelerators cost, month by month, used or not."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import UTC, date, datetime

from orchestration.exports.deliveries import Discovery, is_data, loose_deliveries
from orchestration.exports.errors import RefusedDelivery
from orchestration.exports.filesystem import Location
from orchestration.exports.headers import HeaderDialect
from orchestration.exports.kinds.base import ControlColumns, Dataset, Kind
from orchestration.exports.on_prem_accrual import Accrual, accruals
from orchestration.exports.on_prem_cards import CardLine, CardReader
from orchestration.exports.preparing import Preparation
from orchestration.exports.schemas import identifier

SCHEMA = "on_prem_rate_card"
#: What landing adds to a line for each of its months, with the SQL type.
ADDED = {
    "card_line": "BIGINT",
    "accrual_started_at": "TIMESTAMP",
    "accrual_ended_at": "TIMESTAMP",
    "accrued_hours": "BIGINT",
    "accrued_node_names": "VARCHAR",
    "depreciation_cost": "DECIMAL(38,16)",
    "power_cost": "DECIMAL(38,16)",
    "space_cost": "DECIMAL(38,16)",
    "staff_cost": "DECIMAL(38,16)",
    "other_cost": "DECIMAL(38,16)",
    "flat_cost": "DECIMAL(38,16)",
    "accrued_cost": "DECIMAL(38,16)",
    "node_hour_cost": "DECIMAL(38,16)",
    "remainder_cost": "DECIMAL(38,16)",
    "node_hour_text": "VARCHAR",
}


def today() -> date:
    """The day that is not over yet (UTC): open lines accrue up to its start."""
    return datetime.now(UTC).date()


def discover(location: Location) -> Discovery:
    """Rate cards are files of any name; each is a delivery of its own."""
    found = Discovery()
    loose_deliveries((file for file in location.files() if is_data(file)), found)
    return found


def prepare(preparation: Preparation) -> None:
    """Put one row per line and month, with what it costs, in place of the card's lines."""
    sql, connection = preparation.sql, preparation.connection
    path = sql.local.source.path
    _refuse_malformed(preparation)
    lines = _read_lines(preparation, CardReader(path))
    found = [accrual for line in lines for accrual in accruals(line, today())]
    if not found:
        raise RefusedDelivery(
            "no line of the card has begun: there is nothing to accrue.",
            "Check valid_from, valid_to and accrue_through.",
            file_path=path,
            column_name="valid_from",
        )
    # Oldest month first, lines in order inside: what a later month adds moves no earlier row.
    found.sort(key=lambda accrual: (accrual.start.year, accrual.start.month, accrual.line.number))
    columns = ", ".join(f"{name} {sql_type}" for name, sql_type in ADDED.items())
    connection.execute(f"create temp table accruals (position bigint, {columns})")
    marks = ", ".join("?" for _ in range(len(ADDED) + 1))
    connection.executemany(
        f"insert into accruals values ({marks})",
        [[position, *_added(accrual)] for position, accrual in enumerate(found)],
    )
    sql.local.contents = _contents(found)
    header = sql.local.header
    header.drift[:] = [drift for drift in header.drift if drift.column_name not in ADDED]
    delivered = ", ".join(f"card.{identifier(column.physical)}" for column in header.columns)
    added = ", ".join(f"accruals.{name}" for name in ADDED)
    preparation.rewrite(
        f"select {delivered}, {added} from {sql.relation} as card "
        "inner join accruals on card.file_row_number + 1 = accruals.card_line "
        "order by accruals.position",
        ADDED,
    )


def _refuse_malformed(preparation: Preparation) -> None:
    rejects = preparation.sql.local.rejects
    if not rejects:
        return
    row = preparation.connection.execute(
        f"select min(line) - 1, min_by(error_message, line) from {rejects}"
    ).fetchone()
    if row and row[0] is not None:
        raise RefusedDelivery(
            f"line {row[0]}: the record is malformed ({str(row[1]).splitlines()[0].rstrip('.')}).",
            "Give every line as many fields as the header; quote texts that hold a comma.",
            file_path=preparation.sql.local.source.path,
        )


def _read_lines(preparation: Preparation, reader: CardReader) -> list[CardLine]:
    """All lines of the card, checked one by one and against each other."""
    sql = preparation.sql
    known = [name for name in sql.declared if name not in ADDED and name != "tags"]
    header = sql.local.header
    reserved = [c.delivered for c in header.columns if c.target in ADDED and not c.map_key]
    unknown = [column.delivered for column in header.columns if column.target is None]
    reader.check_columns(unknown + reserved, known)
    tags = [column for column in header.columns if column.map_key]
    texts = [*(sql.text(name) for name in known)]
    texts += [f"nullif(cast({column.sql} as varchar), '')" for column in tags]
    rows = preparation.connection.execute(
        f"select file_row_number + 1, {', '.join(texts)} from {sql.relation} "
        "order by file_row_number"
    ).fetchall()
    lines = []
    for number, *values in rows:
        if not any((value or "").strip() for value in values):
            continue  # what a spreadsheet leaves below the last line
        row = dict(zip(known, values[: len(known)], strict=True))
        given = zip(tags, values[len(known) :], strict=True)
        owner = {str(column.map_key): value for column, value in given if value}
        lines.append(reader.line(number, row, owner))
    reader.check_overlaps(lines)
    return lines


def _added(accrual: Accrual) -> list[object]:
    """Values of the added columns, in the order of ADDED."""
    return [
        accrual.line.number,
        accrual.start,
        accrual.end,
        accrual.hours,
        ";".join(accrual.line.node_names),
        accrual.depreciation,
        accrual.power,
        accrual.space,
        accrual.staff,
        accrual.other,
        accrual.flat,
        accrual.cost,
        accrual.node_hour_cost,
        accrual.remainder,
        _node_hour_text(accrual),
    ]


def _node_hour_text(accrual: Accrual) -> str:
    """Parts of the price of one node for one hour, to four digits: for people to read."""
    parts = {
        "depreciation": accrual.depreciation,
        "power": accrual.power,
        "space": accrual.space,
        "staff": accrual.staff,
        "other": accrual.other,
        "flat price": accrual.flat,
    }
    return ", ".join(
        f"{name} {cost / accrual.node_hours:.4f}" for name, cost in parts.items() if cost
    )


def _contents(found: Iterable[Accrual]) -> dict[str, str]:
    """A digest of everything a month's rows say: a changed card replaces the months that differ.

    When a line ends or how it goes on later is no matter of the month.
    """
    texts: dict[str, list[str]] = {}
    for accrual in found:
        line = accrual.line
        facts = (line.texts, line.numbers, line.accelerators_per_node, line.in_service, line.tags)
        written = f"{_added(accrual)!r} {facts!r} {line.first_day}"
        texts.setdefault(f"{accrual.start:%Y-%m}", []).append(written)
    return {
        month: hashlib.sha256("\n".join(lines).encode()).hexdigest()
        for month, lines in texts.items()
    }


KINDS = (
    Kind(
        name="on_prem_rate_card",
        provider="on_prem",
        datasets=(
            Dataset(
                table="rate_card_months",
                view=("raw_on_prem", "rate_card_months"),
                schema=SCHEMA,
                dialect=HeaderDialect(
                    schema=SCHEMA,
                    folds={"tag:": "tags", "tags/": "tags"},
                    wrong_kind_hint="This does not look like a rate card: docs/on_prem.md lists "
                    "its columns.",
                ),
                control=ControlColumns(
                    period="accrual_started_at",
                    billing_account=("billing_account", "company"),
                    usage_account="cluster",
                    currency="currency",
                    cost="accrued_cost",
                    row_key=("cluster", "node_pool"),
                    filled=("company", "cluster", "node_pool", "currency", "accrued_cost"),
                ),
                # Nobody sends an invoice: the card says what the machines cost, not what is billed.
                counts_as="effective",
            ),
        ),
        discover=discover,
        prepare=prepare,
        as_of=lambda: today().isoformat(),
    ),
)
