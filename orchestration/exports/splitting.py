"""Separating rows that cannot be landed from those that can, and rows of different months.

Used only where profiling found a reason; an ordinary file is landed as it is. Every delivered row
ends up in exactly one place, so file = landed + quarantined in rows and in readable cost.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

import duckdb

from orchestration.exports import contents
from orchestration.exports.columns import FileSql, names_of
from orchestration.exports.errors import RefusedDelivery
from orchestration.exports.profiling import Profile
from orchestration.exports.schemas import literal

#: Fields of a CSV record, for the cost of records that are too short: quoted or plain, in order.
FIELD = r"""(?:^|,)("(?:[^"]|"")*"|[^",]*)"""


@dataclass
class AccountTotal:
    """Rows and cost of one billing account and currency in one billing period of a file."""

    billing_account: str | None
    currency: str | None
    landed_rows: int = 0
    landed_cost: Decimal = Decimal(0)
    quarantined_rows: int = 0
    quarantined_cost: Decimal = Decimal(0)


@dataclass
class Piece:
    """The rows of one file that belong to one billing period, ready to be moved into place."""

    period: str
    parquet: Path
    has_source_row: bool
    totals: list[AccountTotal]
    coverage: set[tuple[str, str]]
    quarantine: Path | None = None
    rows_beyond: int = 0
    cost_beyond: Decimal = field(default_factory=Decimal)
    malformed_cost: Decimal = field(default_factory=Decimal)

    @property
    def landed_cost(self) -> Decimal:
        """Cost of the rows that are read."""
        return sum((total.landed_cost for total in self.totals), Decimal(0))

    @property
    def quarantined_cost(self) -> Decimal:
        """Readable cost of the rows held back."""
        return sum((total.quarantined_cost for total in self.totals), Decimal(0))

    @property
    def landed_rows(self) -> int:
        """Rows that are read."""
        return sum(total.landed_rows for total in self.totals)

    @property
    def quarantined_rows(self) -> int:
        """Rows held back."""
        return sum(total.quarantined_rows for total in self.totals)


def pieces(
    connection: duckdb.DuckDBPyConnection,
    sql: FileSql,
    found: Profile,
    period: str | None,
    folder: Path,
) -> list[Piece]:
    """The file's rows by billing period, malformed and unreadable ones in quarantine.

    `period` is the delivery's own, None for loose files: then rows tell, and rows that tell
    nothing go with the file's oldest period. RefusedDelivery if no row at all could be landed.
    """
    periods = [period] if period else found.periods
    if found.malformed or found.failed or len(periods) != 1:
        return _split(connection, sql, found, periods, period is not None, folder)
    piece = Piece(periods[0], sql.local.parquet, False, [], set())
    totals: dict[tuple[str | None, str | None], AccountTotal] = {}
    for row in found.control:
        account = (row.billing_account, row.currency)
        total = totals.setdefault(account, AccountTotal(*account))
        total.landed_rows += row.rows
        total.landed_cost += row.cost
        piece.coverage.add((row.billing_account or "", row.usage_account or ""))
        piece.rows_beyond += row.rows_beyond
        piece.cost_beyond += row.cost_beyond
    piece.totals = list(totals.values())
    return [piece]


def _split(
    connection: duckdb.DuckDBPyConnection,
    sql: FileSql,
    found: Profile,
    periods: list[str],
    period_is_stated: bool,
    folder: Path,
) -> list[Piece]:
    _judge_rows(connection, sql, found, periods, period_is_stated)
    landed = connection.execute("select count(*) from judged where failed = 0").fetchone()[0]
    if not landed:
        _refuse_all_bad(connection, sql)
    _refuse_cut_off(connection, sql, found)
    oldest = periods[0]
    result = []
    for period in periods:
        piece = Piece(period, folder / f"{period}.parquet", True, [], set())
        written = _write_landed(connection, sql, piece)
        _write_quarantine(connection, sql, piece, folder / f"{period}.quarantine.csv", oldest)
        _count(connection, piece, oldest)
        if written != piece.landed_rows:
            raise RefusedDelivery(
                f"{written} rows of {period} were written of {piece.landed_rows}.",
                "Run again; if it stays so, keep the file and report it.",
                file_path=sql.local.source.path,
                transient=True,
            )
        result.append(piece)
    return result


def _judge_rows(
    connection: duckdb.DuckDBPyConnection,
    sql: FileSql,
    found: Profile,
    periods: list[str],
    period_is_stated: bool,
) -> None:
    """Table `judged`: per delivered row its number in the delivery, its period, the first check
    that it fails (0: none) and the figures to be counted; malformed records are rows of it too."""
    failed = " ".join(
        f"when {check.failing} then {number}" for number, check in enumerate(found.failed, start=1)
    )
    period = literal(periods[0]) if period_is_stated else sql.period()
    connection.execute(f"""
        create temp table judged as
        select
            file_row_number as position,
            file_row_number + 1 as source_row,
            {period} as period,
            cast({f"case {failed} else 0 end" if failed else "0"} as integer) as failed,
            {sql.billing_account()} as billing_account,
            {sql.usage_account()} as usage_account,
            {sql.currency()} as currency,
            {sql.cost()} as cost,
            {sql.cost_beyond()} as cost_beyond
        from {sql.relation}""")
    connection.execute(
        "create temp table reasons (failed integer, reason varchar, column_name varchar)"
    )
    for number, check in enumerate(found.failed, start=1):
        connection.execute(
            "insert into reasons values ($1, $2, $3)", [number, check.reason, check.column]
        )
    connection.execute(
        "create temp table malformed (source_row bigint, number bigint, error_type varchar, "
        "message varchar, csv_line varchar, cost decimal(38,16))"
    )
    if found.malformed:
        _add_malformed(connection, sql)


def _add_malformed(connection: duckdb.DuckDBPyConnection, sql: FileSql) -> None:
    """Malformed records with their number and, where the record is only too short, their cost.

    The reader numbers records with the header as 1. A landed row's number grows by the malformed
    records before it: the i-th malformed record r has r - i landed rows before it.
    """
    places = [
        position
        for position, column in enumerate(sql.local.header.columns, start=1)
        if column.target in names_of(sql.control.cost) and column.map_key is None
    ]
    text = (
        f"trim(regexp_extract_all(csv_line, {literal(FIELD)}, 1)[{places[0]}], '\"')"
        if places
        else "''"
    )
    connection.execute(f"""
        insert into malformed
        select
            line - 1 as source_row,
            row_number() over (order by line) as number,
            lower(replace(min_by(cast(error_type as varchar), column_idx), '_', ' ')) as error_type,
            min_by(error_message, column_idx) as message,
            any_value(csv_line) as csv_line,
            case
                when bool_and(cast(error_type as varchar) = 'MISSING COLUMNS')
                then any_value(try_cast(nullif({text}, '') as decimal(38,16)))
            end as cost
        from {sql.local.rejects}
        group by line""")
    connection.execute("""
        create or replace temp table judged as
        select judged.* replace (judged.source_row + coalesce(malformed.number, 0) as source_row)
        from judged asof left join (select *, source_row - number as before from malformed)
            as malformed on judged.position >= malformed.before""")
    connection.execute("""
        insert into judged
        select null, source_row, null, -1, null, null, null, cost, null from malformed""")


def _refuse_all_bad(connection: duckdb.DuckDBPyConnection, sql: FileSql) -> None:
    # The reader's message quotes the record.
    message = "" if contents.declares(sql.dataset.schema) else " || ': ' || message"
    row = connection.execute(f"""
        select
            count(*),
            coalesce(
                any_value(reasons.reason || ' in ' || reasons.column_name),
                (select any_value(error_type{message}) from malformed)
            ),
            any_value(reasons.column_name)
        from judged left join reasons on judged.failed = reasons.failed""").fetchone()
    remedy = (
        "Compare the file with what the provider writes; a file that fails as a whole is no bill."
    )
    if row[2] in names_of(sql.control.billing_account) and not sql.account:
        remedy = (
            "Add `account:` with the id of the account that is billed to this entry of exports.yml."
        )
    raise RefusedDelivery(
        f"none of its {row[0]} rows can be landed, first reason: {row[1]}.",
        remedy,
        file_path=sql.local.source.path,
        column_name=row[2],
    )


def _refuse_cut_off(connection: duckdb.DuckDBPyConnection, sql: FileSql, found: Profile) -> None:
    """A last record that is malformed means that the file ends in the middle."""
    if not found.malformed:
        return
    last, kind = connection.execute(
        "select max_by(failed, source_row), max(source_row) from judged"
    ).fetchone()
    if last == -1:
        raise RefusedDelivery(
            f"the file ends in the middle of record {kind}.",
            "It is cut off or still being written: let it be delivered again.",
            file_path=sql.local.source.path,
        )


def _write_landed(connection: duckdb.DuckDBPyConnection, sql: FileSql, piece: Piece) -> int:
    """Write the piece's rows; returns how many."""
    written = connection.execute(f"""
        copy (
            select delivered.* exclude (file_row_number), judged.source_row as _source_row
            from {sql.relation} as delivered
            inner join judged on delivered.file_row_number = judged.position
            where judged.failed = 0 and judged.period = {literal(piece.period)}
            order by judged.source_row
        ) to {literal(str(piece.parquet))} (format parquet, compression zstd)""").fetchone()
    return written[0]


def _write_quarantine(
    connection: duckdb.DuckDBPyConnection, sql: FileSql, piece: Piece, path: Path, oldest: str
) -> None:
    """One line per row held back: file, row, first reason, column, value, the row itself."""
    path_literal = literal(sql.local.source.path)
    values = " ".join(
        f"when {number} then cast({check[1]} as varchar)"
        for number, check in enumerate(_reason_columns(connection, sql), start=1)
    )
    schema = sql.dataset.schema
    malformed_text = literal(contents.WITHHELD) if contents.declares(schema) else "csv_line"
    connection.execute(f"""
        create or replace temp table held_back as
        select
            judged.source_row,
            reasons.reason,
            reasons.column_name,
            {f"case judged.failed {values} end" if values else "cast(null as varchar)"} as value,
            -- Merged into nothing, empty values drop out: of 200 columns a row fills 40.
            cast(json_merge_patch(json_merge_patch('{{}}', to_json(delivered)),
                '{{"file_row_number": null}}') as varchar) as raw_text
        from {sql.relation} as delivered
        inner join judged on delivered.file_row_number = judged.position
        inner join reasons on judged.failed = reasons.failed
        where coalesce(judged.period, {literal(oldest)}) = {literal(piece.period)}
        union all
        select source_row, 'malformed record: ' || error_type, null, null, {malformed_text}
        from malformed where {literal(piece.period)} = {literal(oldest)}""")
    if connection.execute("select count(*) from held_back").fetchone()[0]:
        connection.execute(f"""
            copy (
                select {path_literal} as file_path, source_row, reason, column_name, value, raw_text
                from held_back order by source_row
            ) to {literal(str(path))} (format csv, header true)""")
        piece.quarantine = path


def _reason_columns(connection: duckdb.DuckDBPyConnection, sql: FileSql) -> list[tuple[int, str]]:
    """Per failed check the physical column whose value goes into quarantine."""
    delivered = {column.delivered: column.sql for column in sql.local.header.columns}
    rows = connection.execute("select failed, column_name from reasons order by failed").fetchall()
    found = []
    for number, name in rows:
        values = [column.sql for column in sql.columns(name)] if name in sql.declared else []
        value = delivered.get(name) or next(iter(values), None)
        found.append((number, f"delivered.{value}" if value else "null"))
    return found


def _count(connection: duckdb.DuckDBPyConnection, piece: Piece, oldest: str) -> None:
    mine = f"coalesce(period, {literal(oldest)}) = {literal(piece.period)}"
    rows = connection.execute(f"""
        select
            billing_account, currency,
            count(*) filter (failed = 0), coalesce(sum(cost) filter (failed = 0), 0),
            count(*) filter (failed <> 0), coalesce(sum(cost) filter (failed <> 0), 0)
        from judged where {mine} group by all order by all""").fetchall()
    piece.totals = [AccountTotal(*row) for row in rows]
    piece.coverage = set(
        connection.execute(f"""
            select distinct coalesce(billing_account, ''), coalesce(usage_account, '')
            from judged where {mine} and failed = 0""").fetchall()
    )
    piece.malformed_cost = connection.execute(
        f"select coalesce(sum(cost), 0) from judged where failed = -1 and {mine}"
    ).fetchone()[0]
    piece.rows_beyond, piece.cost_beyond = connection.execute(
        f"select count(cost_beyond), coalesce(sum(cost_beyond), 0) from judged where {mine}"
    ).fetchone()
