"""SQL of the raw_ops tables: the ledger's sidecars, read by DuckDB as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from orchestration.exports.schemas import literal
from orchestration.exports.workspace import Workspace, glob_escaped
from orchestration.privacy import rules

WITHHELD = "withheld by privacy_rules; the file below quarantine/ has it"
OPS_TABLES = (
    "deliveries",
    "delivery_totals",
    "drift",
    "quarantined_rows",
    "refusals",
    "current_versions",
    "companions",
    "rebuild_queue",
    "built_periods",
    "pruned_periods",
)
# Amounts are text in JSON and become decimals in SQL, so that no double is ever in between.
SIDECAR = {
    "source_name": "varchar",
    "source_kind": "varchar",
    "provider": "varchar",
    "table_name": "varchar",
    "counts_as": "varchar",
    "billing_period": "varchar",
    "version_id": "varchar",
    "sequence": "bigint",
    "assembly_id": "varchar",
    "delivered_at": "timestamp",
    "landed_at": "timestamp",
    "files": "struct(file_path varchar, file_format varchar, checksum_sha256 varchar, "
    "bytes bigint, file_rows bigint, landed_rows bigint, quarantined_rows bigint, "
    "stated_rows bigint, stated_cost varchar, landed_cost varchar, quarantined_cost varchar, "
    "rows_beyond_scale bigint, cost_beyond_scale varchar, currency varchar, "
    "schema_variant varchar)[]",
    "totals": "struct(billing_account varchar, currency varchar, landed_rows bigint, "
    "landed_cost varchar, quarantined_rows bigint, quarantined_cost varchar)[]",
    "drift": "struct(file_path varchar, column_name varchar, drift_kind varchar, detail varchar)[]",
}
POINTER = {
    "sequence": "bigint",
    "version_id": "varchar",
    "reason": "varchar",
    "pruned_at": "timestamp",
}
STATE = {
    "refusals": "struct(source_name varchar, delivery varchar, refused_at timestamp, "
    "file_path varchar, column_name varchar, reason varchar, remedy varchar, is_open boolean)[]"
}
QUARANTINE = {
    "file_path": "varchar",
    "source_row": "bigint",
    "reason": "varchar",
    "column_name": "varchar",
    "value": "varchar",
    "raw_text": "varchar",
}


def ledger_statements(workspace: Workspace, sources: list[str]) -> Iterator[str]:
    """Statements that make the raw_ops tables for these sources, in order."""
    folders = [workspace.ledger_folder(source) for source in sources]
    sidecars = [p for folder in folders for p in sorted(folder.glob("billing_period=*/*.json"))]
    states = [folder / "state.json" for folder in folders if (folder / "state.json").exists()]
    pointers = [
        path
        for source in sources
        for path in sorted((workspace.raw / source).glob("*/billing_period=*/current.json"))
    ]
    yield f"create or replace temp table sidecars as {_json(sidecars, SIDECAR)}"
    yield f"create or replace temp table pointers as {_pointers(pointers)}"
    yield _VERSIONS
    yield _PRUNED
    yield _DELIVERIES
    yield _TOTALS
    yield _DRIFT
    yield f"create or replace table raw_ops.refusals as {_refusals(states)}"
    yield _quarantined(workspace, sources)
    yield (
        "create table if not exists raw_ops.built_periods "
        "(source_name varchar, billing_period varchar, version_id varchar)"
    )
    yield (
        "create table if not exists raw_ops.rebuild_queue "
        "(source_name varchar, billing_period varchar, version_id varchar, reason varchar)"
    )
    yield "drop table versions"
    yield "drop table pointers"
    yield "drop table sidecars"


def _json(paths: list[Path], columns: dict[str, str], filename: bool = False) -> str:
    """SELECT over JSON files, one object each; typed and empty where there are none."""
    if not paths:
        names = dict(columns) | ({"filename": "varchar"} if filename else {})
        listed = ", ".join(f"cast(null as {kind}) as {name}" for name, kind in names.items())
        return f"select {listed} where false"
    files = ", ".join(literal(glob_escaped(path)) for path in paths)
    spec = ", ".join(f"{name}: {literal(kind)}" for name, kind in columns.items())
    return (
        f"select * from read_json([{files}], columns = {{{spec}}}, format = 'unstructured', "
        f"records = true, filename = {'true' if filename else 'false'}, "
        "maximum_object_size = 268435456)"
    )


def _pointers(paths: list[Path]) -> str:
    return f"""
        select
            split_part(filename, '/', -4) as source_name,
            split_part(filename, '/', -3) as table_name,
            replace(split_part(filename, '/', -2), 'billing_period=', '') as billing_period,
            sequence as pointer_sequence,
            version_id as current_version,
            pruned_at
        from ({_json(paths, POINTER, filename=True)})"""


# A version is superseded by the next one of its period, or at the withdrawal of the period.
_VERSIONS = """
create or replace temp table versions as
select
    sidecars.*,
    coalesce(sidecars.version_id = pointers.current_version, false) as is_current,
    case when sidecars.version_id = pointers.current_version then pointers.pruned_at end
        as pruned_at,
    lead(sidecars.version_id) over newer as superseded_by,
    lead(sidecars.landed_at) over newer as superseded_at
from sidecars
inner join pointers using (source_name, table_name, billing_period)
where sidecars.sequence <= pointers.pointer_sequence
window newer as (
    partition by sidecars.source_name, sidecars.table_name, sidecars.billing_period
    order by sidecars.sequence
)"""

# A month of which one table is gone cannot be built again, whatever the others have.
_PRUNED = """
create or replace table raw_ops.pruned_periods as
select source_name, billing_period, min(pruned_at) as pruned_at
from versions
where is_current and pruned_at is not null
group by source_name, billing_period
order by source_name, billing_period"""

_DELIVERIES = """
create or replace table raw_ops.deliveries as
select
    source_name, source_kind, provider, table_name, coalesce(counts_as, 'billed') as counts_as,
    billing_period, version_id, assembly_id,
    delivered_at, landed_at,
    file.file_path, file.file_format, file.checksum_sha256, file.bytes,
    -- Counted on its own since it is kept; older entries have the sum only.
    coalesce(file.file_rows, file.landed_rows + file.quarantined_rows) as file_rows,
    file.landed_rows, file.quarantined_rows, file.stated_rows,
    cast(file.landed_cost as decimal(38,16))
        + cast(file.quarantined_cost as decimal(38,16)) as file_cost,
    cast(file.landed_cost as decimal(38,16)) as landed_cost,
    cast(file.quarantined_cost as decimal(38,16)) as quarantined_cost,
    cast(file.stated_cost as decimal(38,16)) as stated_cost,
    file.rows_beyond_scale,
    cast(file.cost_beyond_scale as decimal(38,24)) as cost_beyond_scale,
    file.currency, file.schema_variant, is_current, superseded_by, superseded_at, pruned_at
from (select versions.* exclude (files), unnest(versions.files) as file from versions)
order by source_name, billing_period, sequence, file.file_path"""

_TOTALS = """
create or replace table raw_ops.delivery_totals as
select
    source_name, table_name, coalesce(counts_as, 'billed') as counts_as,
    billing_period, version_id, is_current,
    total.billing_account as billing_account_id, total.currency as billing_currency,
    total.landed_rows + total.quarantined_rows as file_rows,
    cast(total.landed_cost as decimal(38,16))
        + cast(total.quarantined_cost as decimal(38,16)) as file_cost,
    total.landed_rows, cast(total.landed_cost as decimal(38,16)) as landed_cost,
    total.quarantined_rows, cast(total.quarantined_cost as decimal(38,16)) as quarantined_cost
from (select versions.* exclude (totals), unnest(versions.totals) as total from versions)
order by source_name, billing_period, sequence, billing_account_id, billing_currency"""

_DRIFT = """
create or replace table raw_ops.drift as
select source_name, billing_period, version_id,
    found.file_path, found.column_name, found.drift_kind, found.detail
from (select versions.* exclude (drift), unnest(versions.drift) as found from versions)
order by source_name, billing_period, sequence, found.file_path, found.drift_kind,
    found.column_name"""


def _refusals(states: list[Path]) -> str:
    return f"""
        select unnest(refusals, recursive := true)
        from ({_json(states, STATE)})"""


def _quarantined(workspace: Workspace, sources: list[str]) -> str:
    files = [
        path
        for source in sources
        for path in sorted((workspace.quarantine / source).glob("billing_period=*/*/**/*.csv"))
    ]
    columns = ", ".join(f"{literal(name)}: {literal(kind)}" for name, kind in QUARANTINE.items())
    if files:
        listed = ", ".join(literal(glob_escaped(path)) for path in files)
        # The dialect is ours, so it is stated: nothing is detected.
        held = (
            f"select * from read_csv([{listed}], auto_detect = false, header = true, "
            f"delim = ',', quote = '\"', escape = '\"', filename = true, "
            f"max_line_size = 33554432, columns = {{{columns}}})"
        )
    else:
        names = ", ".join(f"cast(null as {kind}) as {name}" for name, kind in QUARANTINE.items())
        held = f"select {names}, cast(null as varchar) as filename where false"
    below = f"substr(filename, {len(str(workspace.quarantine)) + 2})"
    # The row as it was delivered names whom the policy hides; the file keeps it.
    shown = (
        f"cast(null as varchar) as value, {literal(WITHHELD)} as raw_text"
        if rules()
        else "value, raw_text"
    )
    return f"""
        create or replace table raw_ops.quarantined_rows as
        with held as (
            select
                split_part({below}, '/', 1) as source_name,
                replace(split_part({below}, '/', 2), 'billing_period=', '') as billing_period,
                split_part({below}, '/', 3) as version_id,
                file_path, source_row, reason, column_name, {shown}
            from ({held})
        )
        select held.* from held
        inner join (select distinct source_name, billing_period, version_id from versions
            where is_current) as current using (source_name, billing_period, version_id)
        order by all"""
