"""Jobs of the company's own cluster, as ``sacct --parsable2`` prints them in Oslo's time.

Nodes of the rate card are reserved in blocks of eight hours: by nobody, by one job or by two at a
time. ``truth/slurm_jobs.parquet`` has every job with its times in UTC.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from sample_estate.context import DeliveredExport
from sample_estate.engine import define_macros, literal
from sample_estate.on_prem import CLUSTER, EXPORT

ZONE = "Europe/Oslo"
BLOCK_HOURS = 8

# The nodes of a line are numbered from 1; a job of the second half of a node leaves early.
_JOBS = f"""
    create or replace table jobs as
    with nodes as (
        select
            regexp_extract(node_names, '^([a-z]+)-', 1)
            || printf('-%04d', unnest(range(1, cast(nodes as int) + 1))) as node,
            cast(accelerators_per_node as int) as accelerators,
            lower(accelerator_model) as model,
            lower("tag:team") as account,
            cast(valid_from as timestamp) as first_at,
            cast(coalesce(accrue_through, valid_to) as timestamp) as last_at
        from read_csv($1, all_varchar = true)
    ),
    blocks as (
        select
            *,
            unnest(generate_series(
                first_at, last_at, to_hours({BLOCK_HOURS})
            )) as started_at
        from nodes
    ),
    drawn as (
        select
            *,
            unnest(case draw(concat_ws('|', node, epoch(started_at)), 5)
                when 0 then [] when 1 then [accelerators] when 2 then [accelerators // 2]
                when 3 then [accelerators // 4]
                else [accelerators // 2, accelerators // 2]
            end) as taken,
            unnest(range(2)) as half
        from blocks
    )
    select
        20000 + row_number() over (order by started_at, node, half) as job_id,
        node,
        account,
        split_part(model, ' ', 1) as model,
        taken as accelerators,
        case draw(concat_ws('|', node, epoch(started_at), half, 'end'), 10)
            when 0 then 'FAILED' when 1 then 'CANCELLED by 1042' else 'COMPLETED'
        end as state,
        started_at,
        started_at + to_hours({BLOCK_HOURS}) - to_minutes(90 * half) as ended_at
    from drawn
    where taken is not null and started_at + to_hours({BLOCK_HOURS}) <= last_at"""

_TOLD = """
    select
        job_id as "JobID", job_id as "JobIDRaw", 'train' as "JobName", state as "State",
        told(started_at - interval 1 minute) as "Submit", told(started_at) as "Start",
        told(ended_at) as "End", 'cpu=16,gres/gpu:' || model || '=' || accelerators as "AllocTRES",
        node as "NodeList", account as "Account", 'amy' as "User"
    from jobs
    where left(told(started_at), 7) = $1
    order by job_id"""


def deliver(root: Path, months: list[str], seed: int) -> list[DeliveredExport]:
    """Write accounts of jobs on the nodes of the rate card below ``root``, and the truth."""
    folder = root / "telemetry" / "slurm"
    folder.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as con:
        con.execute("set TimeZone = 'UTC'")
        define_macros(con, seed)
        con.execute(
            "create macro told(moment) as strftime((moment at time zone 'UTC') at time zone "
            f"'{ZONE}', '%Y-%m-%dT%H:%M:%S')"
        )
        card = root / "exports" / EXPORT / "rate_card.csv"
        con.execute(_JOBS.replace("$1", literal(card)))
        for month in months:
            con.execute(
                f"copy ({_TOLD.replace('$1', literal(month))}) to "
                f"{literal(folder / f'{month}.txt')} (format csv, header, delimiter '|')"
            )
        con.execute(
            f"copy (select *, '{CLUSTER}/' || node as resource_id from jobs order by job_id) to "
            f"{literal(root / 'truth' / 'slurm_jobs.parquet')} (format parquet)"
        )
        count = con.execute("select count(*) from jobs").fetchall()[0][0]
    return [
        DeliveredExport(
            "slurm",
            "slurm_sacct",
            "./telemetry/slurm/",
            int(count),
            section="telemetry",
            options={"cluster": CLUSTER, "timezone": ZONE},
        )
    ]
