"""Telemetry of the estate: what an exporter saw of AWS's accelerators, every five minutes.

Six machines are watched and the others are not. What each accelerator did in each hour is planted
in ``truth/accelerator_hours.parquet``: used, idle with a model in memory, idle without, held by no
pod, not seen.
"""

from __future__ import annotations

import json
from pathlib import Path

import duckdb

from sample_estate.context import DeliveredExport
from sample_estate.engine import FACTS, define_macros, literal

MACHINES = 6
STEP_SECONDS = 300
#: Shares of blocks of hours, in percent; what is left was not seen.
USED, HELD, FREE, NOBODYS = 60, 20, 6, 4
BLOCK_HOURS = 6

# Hours in which the bill has a machine with accelerators of NVIDIA, whichever discount paid them.
_MACHINE_HOURS = """
    create or replace table machine_hours as
    select
        line_item_resource_id as instance_id,
        any_value(facts.instance_type) as instance_type,
        any_value(facts.accelerator_model) as accelerator_model,
        cast(any_value(facts.accelerator_count) as int) as accelerators,
        date_trunc('hour', cast(line_item_usage_start_date as timestamp)) as hour_start
    from {bill} as bill
    inner join read_csv({facts}, all_varchar = true) as facts
        on bill.product_instance_type = facts.instance_type
    where
        line_item_resource_id like 'i-%'
        and line_item_usage_type similar to '.*(BoxUsage|CapacityBlock|SpotUsage):.*'
        and facts.instance_type similar to '(p4d|p5|p5en|g5|g6e)\\..*'
    group by line_item_resource_id, hour_start"""

_WATCHED = f"""
    create or replace table watched as
    select instance_id, row_number() over (order by instance_id) as machine
    from (
        select instance_id, accelerators
        from machine_hours
        group by instance_id, accelerators
        order by accelerators desc, count(*) desc, instance_id
        limit {MACHINES}
    )"""

_DEVICE_HOURS = f"""
    create or replace table device_hours as
    with devices as (
        select
            machine_hours.*, machine,
            unnest(range(accelerators)) as gpu,
            'ip-10-0-0-' || machine || '.ec2.internal' as hostname
        from machine_hours
        inner join watched using (instance_id)
    ),
    -- The last accelerator of the last machine is cut in two.
    slices as (
        select *, unnest(case
            when machine = {MACHINES} and gpu = accelerators - 1 then ['1', '2'] else [null]
        end) as mig_instance
        from devices
    ),
    drawn as (
        select
            *,
            'GPU-' || uuid_id(instance_id || gpu) as gpu_uuid,
            draw(concat_ws('|', instance_id, gpu, mig_instance,
                epoch(hour_start) // {3600 * BLOCK_HOURS}), 100) as chance
        from slices
    )
    select
        *,
        gpu_uuid || coalesce('/mig-' || mig_instance, '') as device_id,
        case
            when chance < {USED} then 'used'
            when chance < {USED + HELD} then 'idle_held'
            when chance < {USED + HELD + FREE} then 'idle_free'
            when chance < {USED + HELD + FREE + NOBODYS} then 'unallocated'
            else 'unknown'
        end as state,
        case when chance < {USED + HELD + FREE} then 'train-' || machine end as pod
    from drawn"""

# Within an hour of work there is a pause of a quarter; a sample in fifty came twice.
_SAMPLES = f"""
    with ticks as (
        select *, unnest(range({3600 // STEP_SECONDS})) as tick
        from device_hours
        where state <> 'unknown' and hour_start >= $1 and hour_start < $2
    ),
    readings as (
        select
            *,
            cast(epoch_ms(hour_start) + tick * {STEP_SECONDS * 1000} as bigint) as timestamp,
            draw(concat_ws('|', device_id, hour_start, tick), 100) as noise
        from ticks
    ),
    measured as (
        select
            *,
            unnest([
                {{
                    'metric': case when mig_instance is null then 'DCGM_FI_DEV_GPU_UTIL'
                        else 'DCGM_FI_PROF_GR_ENGINE_ACTIVE' end,
                    'value': case
                        when state <> 'used' or (tick in (4, 5, 6) and noise < 40) then noise % 3
                        else 55 + noise % 45
                    end / case when mig_instance is null then 1.0 else 100.0 end
                }},
                {{
                    'metric': 'DCGM_FI_DEV_FB_USED',
                    'value': case state when 'used' then 61000.0 + noise
                        when 'idle_held' then 58000.0 else 420.0 end
                }},
                {{
                    'metric': 'DCGM_FI_DEV_POWER_USAGE',
                    'value': case state when 'used' then 480.0 + noise else 71.5 end
                }}
            ]) as reading,
            unnest(range(case when noise % 50 = 0 then 2 else 1 end)) as copy
        from readings
    )
    select
        timestamp, reading.metric as metric, reading.value as value, gpu_uuid as "UUID",
        cast(gpu as varchar) as gpu, hostname as "Hostname", mig_instance as "GPU_I_ID",
        case when mig_instance is not null then '3g.40gb' end as "GPU_I_PROFILE",
        accelerator_model as "modelName",
        case when pod is not null then 'training' end as namespace, pod
    from measured
    order by all"""


def deliver(root: Path, months: list[str], seed: int) -> list[DeliveredExport]:
    """Write telemetry of the machines in the AWS bill below ``root``, and the truth about it."""
    bill = root / "exports" / "aws_main"
    reader = "read_parquet" if any(bill.rglob("*.parquet")) else "read_csv"
    suffix = "parquet" if reader == "read_parquet" else "csv.gz"
    folder = root / "telemetry"
    (folder / "dcgm").mkdir(parents=True)
    (folder / "kubernetes").mkdir()
    written = 0
    with duckdb.connect() as con:
        con.execute("set TimeZone = 'UTC'")
        define_macros(con, seed)
        source = f"{reader}({literal(f'{bill}/**/*.{suffix}')}, union_by_name = true)"
        facts = literal(FACTS / "aws_instances.csv")
        con.execute(_MACHINE_HOURS.format(bill=source, facts=facts))
        con.execute(_WATCHED)
        con.execute(_DEVICE_HOURS)
        for month in months:
            first = f"{month}-01"
            samples = _SAMPLES.replace("$1", f"date '{first}'").replace(
                "$2", f"date '{first}' + interval 1 month"
            )
            target = folder / "dcgm" / f"{month}.parquet"
            written += con.execute(
                f"copy ({samples}) to {literal(target)} (format parquet, compression zstd)"
            ).fetchall()[0][0]
        nodes = con.execute("""
            select any_value(hostname), instance_id, epoch(min(hour_start)), epoch(max(hour_start))
            from device_hours group by instance_id order by instance_id""").fetchall()
        con.execute(
            "copy (select instance_id, hostname, instance_type, gpu, mig_instance, device_id, "
            "hour_start, state, pod from device_hours order by all) to "
            f"{literal(root / 'truth' / 'accelerator_hours.parquet')} (format parquet)"
        )
    result = [
        {
            "metric": {
                "__name__": "kube_node_info",
                "node": hostname,
                "provider_id": f"aws:///us-east-1a/{instance_id}",
            },
            "values": [[first, "1"], [last, "1"]],
        }
        for hostname, instance_id, first, last in nodes
    ]
    answer = {"status": "success", "data": {"resultType": "matrix", "result": result}}
    (folder / "kubernetes" / "nodes.json").write_text(json.dumps(answer), encoding="utf-8")
    return [
        DeliveredExport(
            "dcgm", "prometheus_samples", "./telemetry/dcgm/", int(written), section="telemetry"
        ),
        DeliveredExport(
            "kubernetes",
            "kubernetes_pods",
            "./telemetry/kubernetes/",
            2 * len(result),
            section="telemetry",
        ),
    ]
