"""Whose each charge was and would be: differences between two tables of attributions, in money."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from orchestration.exports.schemas import literal

BEFORE = "built.allocation.key_attributions"
AFTER = "warehouse.allocation.key_attributions"
#: What was said of closed months: attribution reads it before any rule.
KEPT = "warehouse.allocation.kept_attributions"
#: What a move is told by.
MOVED = ("team", "project", "workload_phase", "owner_class")
#: Everything that attribution says of a charge.
FIELDS = (
    "business_unit", "team", "project", "environment", "cost_centre", "model", "experiment",
    "data_set", "workload_phase", "owner_class",
)  # fmt: skip
MONEY = """
    cast(sum(billed_cost) as decimal(38, 16)) as billed_cost,
    cast(sum(effective_cost) as decimal(38, 16)) as effective_cost,
    cast(sum(charge_rows) as bigint) as charges,
    count(distinct resource_id) as resources
"""


def _said(side: str, catalog: str) -> str:
    """Joins that tell what decides project, class and phase of a charge: a tag or a rule."""
    key = "(source_name, billing_period, attribution_key)"
    on = " and ".join(
        f"{{0}}.{name} = {side}.{name}"
        for name in ("source_name", "billing_period", "attribution_key")
    )
    rules = f"""
        select source_name, billing_period, attribution_key,
            min_by(rule, position) filter (rule_set = 'untaggable') as class_rule,
            coalesce(
                min_by(rule, position) filter (rule_set = 'phase'),
                min_by(rule, position) filter (rule_set = 'default_phase')
            ) as phase_rule
        from {catalog}.allocation.rule_matches semi join changed using {key} group by all"""
    return f"""
left join {catalog}.allocation.decided_tags as {side}_project
    on {on.format(f"{side}_project")} and {side}_project.valid_from = {side}.valid_from
    and {side}_project.governed_key = 'project'
left join ({rules}) as {side}_rules on {on.format(f"{side}_rules")}"""


def _by(side: str) -> str:
    """What decides the first of these that moves: team, project, class, phase."""
    return f"""case
        when was.team is distinct from becomes.team then {side}.owner_evidence
        when was.project is distinct from becomes.project then {side}_project.evidence
        when was.owner_class is distinct from becomes.owner_class
            then 'rule ' || {side}_rules.class_rule
        when was.workload_phase is not distinct from becomes.workload_phase then null
        when {side}.phase_source = 'tag' then 'tag'
        else 'rule ' || {side}_rules.phase_rule
    end"""


_DECISION = ", ".join((*FIELDS, "owner_evidence", "valid_from", "valid_to"))
_DECISIONS = f"""
create or replace temp table decisions as
with before_or_after as (
    select false as is_new, * from {BEFORE}
    union all by name
    select true as is_new, * from {AFTER}
),

-- Most keys are decided as before: only the others are looked at by day.
changed as materialized (
    select source_name, billing_period, attribution_key
    from before_or_after
    group by all
    having
        list(row({_DECISION}) order by valid_from) filter (not is_new)
        is distinct from list(row({_DECISION}) order by valid_from) filter (is_new)
),

costs as (
    select
        source_name, billing_period, attribution_key, charge_date,
        sum(billed_cost) as billed_cost,
        sum(effective_cost) as effective_cost,
        sum(charge_rows) as charge_rows
    from built.allocation.daily_costs
    semi join changed using (source_name, billing_period, attribution_key)
    group by all
)

select
    costs.*,
    keys.billing_currency,
    coalesce(keys.allocated_resource_id, keys.resource_id) as resource_id,
    case when closed.source_name is not null then 'closed' else coalesce(periods.status, 'open') end
        as period_status,
    was,
    becomes,
    {_by("was")} as was_decided_by,
    {_by("becomes")} as decided_by
from costs
inner join built.allocation.attribution_keys as keys
    using (source_name, billing_period, attribution_key)
left join built_public.quality.period_status as periods using (source_name, billing_period)
left join built.raw_ops.closed_periods as closed using (source_name, billing_period)
inner join {BEFORE} as was
    on costs.source_name = was.source_name
    and costs.billing_period = was.billing_period
    and costs.attribution_key = was.attribution_key
    and cast(costs.charge_date as timestamp) >= was.valid_from
    and cast(costs.charge_date as timestamp) < was.valid_to
inner join {AFTER} as becomes
    on costs.source_name = becomes.source_name
    and costs.billing_period = becomes.billing_period
    and costs.attribution_key = becomes.attribution_key
    and cast(costs.charge_date as timestamp) >= becomes.valid_from
    and cast(costs.charge_date as timestamp) < becomes.valid_to
{_said("was", "built")}
{_said("becomes", "warehouse")}
"""


def open_books(connection: duckdb.DuckDBPyConnection) -> bool:
    """Take closed months out of what the scratch models read; False where none is closed."""
    closed = connection.execute(f"select count(*) from {KEPT}").fetchone()[0]
    connection.execute(f"delete from {KEPT}")
    return closed > 0


def moves(
    connection: duckdb.DuckDBPyConnection, table: str = "moves", closed: bool = False
) -> list[dict[str, Any]]:
    """One row per month, currency, owner before, owner after and what decides: the money moved.

    With `closed` of closed months alone.
    """
    connection.execute(_DECISIONS)
    pairs = ", ".join(f"was.{name} as from_{name}, becomes.{name} as to_{name}" for name in MOVED)
    is_closed = (
        "(source_name, billing_period) in "
        "(select (source_name, billing_period) from built.raw_ops.closed_periods)"
    )
    differs = " or ".join(f"was.{name} is distinct from becomes.{name}" for name in MOVED)
    connection.execute(f"""
        create or replace temp table {table} as
        select
            billing_period, period_status, billing_currency, {pairs},
            was_decided_by, decided_by,
            {MONEY}
        from decisions
        where ({differs}) and {is_closed if closed else "true"}
        group by all
        order by 1, 3, abs(sum(effective_cost)) desc, 4, 5, 6, 7, 8, 9, 10, 11""")
    return _rows(connection, f"from {table}")


def fields(connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """One row per month, currency, field, value before and value after: the money that it is on.

    Needs the comparison that `moves` makes. Fields are separate questions: their money is not to
    be added up.
    """
    branches = " union all ".join(
        f"""
        select
            billing_period, period_status, billing_currency, '{name}' as field,
            was.{name} as from_value, becomes.{name} as to_value, {MONEY}
        from decisions where was.{name} is distinct from becomes.{name} group by all"""
        for name in FIELDS
    )
    connection.execute(f"create or replace temp table changed_fields as {branches}")
    return _rows(
        connection,
        "from changed_fields order by field, billing_period, billing_currency, "
        "abs(effective_cost) desc, from_value, to_value",
    )


def overlaps(connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """Rules that claim the same charges, as the last build did not know yet."""
    connection.execute("""
        create or replace temp table new_overlaps as
        select * from ai_finops.ownership.rule_overlaps
        except all
        select * from built_public.ownership.rule_overlaps""")
    return _rows(connection, "from new_overlaps order by all")


def write(
    connection: duckdb.DuckDBPyConnection, folder: Path, tables: tuple[str, ...]
) -> list[Path]:
    """Write the differences as CSV and Parquet into a new folder; returns the files."""
    target = folder / datetime.now(UTC).strftime("%Y-%m-%dT%H%M%S")
    partial = folder / f".{target.name}.tmp"
    partial.mkdir(parents=True)
    names = [file.name for table in tables for file in add(connection, partial, table)]
    os.replace(partial, _free(target))
    return [target / name for name in names]


def add(connection: duckdb.DuckDBPyConnection, folder: Path, table: str) -> list[Path]:
    """Write one table into a folder, as CSV and as Parquet."""
    files = [folder / f"{table}.{form}" for form in ("csv", "parquet")]
    for file, form in zip(files, ("csv, header", "parquet"), strict=True):
        rows = f"from {table} order by all"
        connection.execute(f"copy ({rows}) to {literal(str(file))} (format {form})")
    return files


def _free(target: Path) -> Path:
    if target.exists():
        raise FileExistsError(f"{target} exists: another preview ended in the same second.")
    return target


def _rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[dict[str, Any]]:
    cursor = connection.execute(query)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
