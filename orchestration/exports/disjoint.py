"""Whether the loose files of a month are parts of one bill, or the same bill twice."""

from __future__ import annotations

from pathlib import Path

from orchestration.exports.assembling import Version
from orchestration.exports.columns import FileSql
from orchestration.exports.errors import RefusedDelivery
from orchestration.exports.schemas import literal
from orchestration.exports.workspace import duckdb_session, parquet_relation


def check_disjoint(version: Version, folder: Path) -> None:
    """Different loose files of a month must not hold the same rows. Raises RefusedDelivery."""
    control = version.dataset.control
    row_key = control.row_key
    if len(version.parts) < 2 or not row_key:
        return
    whole_rows = row_key == ("*",)
    if whole_rows and len({part.file.group for part in version.parts}) < 2:
        # One export's shards; it may hold two rows that nothing tells apart.
        return
    selects = []
    for number, part in enumerate(version.parts):
        sql = part.file.sql
        if not (whole_rows or control.sparse_key or all(sql.columns(name) for name in row_key)):
            raise RefusedDelivery(
                f"{len(version.parts)} files hold {version.period}, and without "
                f"{' and '.join(row_key)} nobody can tell parts from repeats.",
                "Keep one file per month, deliver with a manifest, or include these columns.",
                file_path=part.file.local.source.path,
                column_name=row_key[0],
            )
        relation = parquet_relation(part.piece.parquet)
        group = part.file.group if whole_rows else str(number)
        selects.append(
            f"select distinct {number} as part, {literal(group)} as grouped, "
            f"{_row_key(sql, row_key)} from {relation}"
        )
    names = ", ".join(f"k{n}" for n in range(len(row_key)))
    with duckdb_session(folder) as connection:
        shared = connection.execute(f"""
            with keys (part, grouped, {names}) as ({" union all ".join(selects)})
            select count(*), min(parts[1]), min(parts[-1])
            from (
                select list_sort(list(part)) as parts from keys
                where k0 is not null group by {names} having count(distinct grouped) > 1
            )""").fetchone()
    if shared[0]:
        first, second = (version.parts[n].file.local.source.path for n in shared[1:])
        raise RefusedDelivery(
            f"{first} and {second} both hold {shared[0]} of the same rows of {version.period}.",
            "They are two exports of one month: move the older one out of the location.",
            file_path=first,
        )


def _row_key(sql: FileSql, row_key: tuple[str, ...]) -> str:
    """SQL of the columns that identify a row; a digest of all declared ones for ('*',)."""
    if row_key != ("*",):
        return ", ".join(sql.text(name) for name in row_key)
    values = ", ".join(f"coalesce({sql.text(name)}, '')" for name in sql.declared)
    return f"md5(concat_ws(chr(31), {values}))"
