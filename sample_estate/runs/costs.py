"""What each planned run cost, minute by minute: the planted truth about money of training.

Counted the slow way on purpose, in minutes of machines, so that a mistake of the warehouse in
cutting hours into parts cannot be made twice.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from sample_estate.engine import literal, load_rows
from sample_estate.runs.studies import COUNTED

_MINUTES = f"""
    create or replace table run_minutes as
    with minutes as (
        select
            holds.*,
            unnest(generate_series(started_at, ended_at - interval 1 minute, interval 1 minute))
                as minute
        from holds
    ),
    placed as (
        select
            minutes.*, hour_start, billed_hours, billed_cost, effective_cost,
            case when instance_type = '{COUNTED}'
                then coalesce(minutes.accelerators, machine_costs.accelerators)
                else 1 end as weight,
            case when instance_type = '{COUNTED}' then machine_costs.accelerators else 0 end
                as capacity
        from minutes
        inner join machine_costs
            on machine_costs.instance_id = minutes.machine
            and machine_costs.hour_start = date_trunc('hour', minutes.minute)
    ),
    -- A run above others is charged for nothing that one of them holds.
    own as (
        select
            placed.* replace (case when child.parent is null then weight else 0 end as weight)
        from placed
        left join (select distinct parent, machine, minute from placed) as child
            on child.parent = placed.run_id
            and child.machine = placed.machine and child.minute = placed.minute
    ),
    shared as (
        select
            *,
            weight / greatest(sum(weight) over (partition by machine, minute), capacity) as share,
            weight / sum(weight) over (partition by machine, minute) as covered
        from own
    )
    select
        source_name, run_id, machine, minute, share,
        useless_from is not null and minute >= useless_from as is_useless,
        share * billed_cost / minutes_billed as billed_cost,
        share * effective_cost / minutes_billed as effective_cost,
        share * billed_hours / minutes_billed as machine_hours
    from (
        select *, greatest(
            60 * billed_hours, sum(covered) over (partition by machine, hour_start)
        ) as minutes_billed
        from shared
    )"""

_HOLDS = {
    "source_name": "varchar",
    "run_id": "varchar",
    "machine": "varchar",
    "parent": "varchar",
    "experiment_name": "varchar",
    "started_at": "timestamp",
    "ended_at": "timestamp",
    "accelerators": "double",
    "waste_class": "varchar",
    "useless_from": "timestamp",
}
_ENDS = {"source_name": "varchar", "run_id": "varchar", "step": "int", "ended_at": "timestamp"}

# Rounded, because sums of doubles depend on their order, and an estate on its arguments only.
_RUNS = """
    select
        holds.source_name, holds.run_id, holds.experiment_name, holds.waste_class,
        case when count(minutes.minute) > 0 then round(sum(minutes.billed_cost), 9) end
            as billed_cost,
        case when count(minutes.minute) > 0 then round(sum(minutes.effective_cost), 9) end
            as effective_cost,
        count(minutes.minute) as billed_minutes,
        round(coalesce(sum(minutes.machine_hours), 0), 9) as machine_hours,
        round(sum(minutes.effective_cost) filter (minutes.is_useless), 9) as wasted_effective_cost,
        count(minutes.minute) filter (minutes.is_useless) as wasted_minutes
    from (select distinct source_name, run_id, experiment_name, waste_class from holds) as holds
    left join run_minutes as minutes using (source_name, run_id)
    group by all
    union all
    -- A managed job is billed under its own name, so its cost is what its resource cost.
    select
        'sagemaker_jobs', resource_id, any_value(experiment),
        case when bool_or(outcome = 'failed') then 'failed' end,
        sum(billed_cost), sum(effective_cost), null, sum(machine_hours),
        case when bool_or(outcome = 'failed') then sum(effective_cost) end, null
    from read_parquet($jobs)
    where resource_id like '%:training-job/%'
    group by resource_id
    order by 1, 2"""

_EPOCHS = """
    select
        epochs.source_name, epochs.run_id, epochs.step, epochs.ended_at,
        round(sum(minutes.billed_cost), 9) as cumulative_billed_cost,
        round(sum(minutes.effective_cost), 9) as cumulative_effective_cost
    from epochs
    inner join run_minutes as minutes
        on minutes.source_name = epochs.source_name and minutes.run_id = epochs.run_id
        and minutes.minute < epochs.ended_at
    group by all
    order by 1, 2, 3"""


def write_costs(
    con: duckdb.DuckDBPyConnection,
    root: Path,
    holds: list[tuple[Any, ...]],
    epochs: list[tuple[Any, ...]],
) -> None:
    """Write ``truth/training_runs.parquet`` and ``truth/training_epochs.parquet``.

    ``holds`` are (source, run, machine, parent, experiment, start, end, accelerators, class of
    waste, useless from), ``epochs`` are (source, run, step, end). The table machine_costs is there.
    """
    for table, columns, rows in (("holds", _HOLDS, holds), ("epochs", _ENDS, epochs)):
        told = ([str(v) if isinstance(v, datetime) else v for v in row] for row in rows)
        load_rows(con, table, columns, (dict(zip(columns, row, strict=True)) for row in told))
    con.execute(_MINUTES)
    jobs = literal(root / "truth" / "runs.parquet")
    for name, query in (("runs", _RUNS.replace("$jobs", jobs)), ("epochs", _EPOCHS)):
        target = literal(root / "truth" / f"training_{name}.parquet")
        con.execute(f"copy ({query}) to {target} (format parquet, compression zstd)")
