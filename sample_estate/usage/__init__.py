"""Usage of models in the estate: invocation logs, a gateway, servers and endpoints.

What was asked in each hour is planted in ``truth/usage_hours.parquet``; where the gateway is wrong
about a cost, in ``truth/gateway_faults.parquet``. On the last day requests of the assistant spike.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from sample_estate.context import DeliveredExport
from sample_estate.engine import define_macros, literal
from sample_estate.usage import gateway, logs, servers

#: One row per source, hour and who asked what; as evidence.usage_hours has it.
_PLANTED = """
    create or replace table planted (
        source_name varchar, evidence_kind varchar, hour_start timestamp, provider varchar,
        resource_key varchar, model_name varchar, request_class varchar, principal varchar,
        team varchar, project varchar, requests bigint, failed_requests bigint,
        input_tokens bigint, output_tokens bigint, cache_read_tokens bigint,
        cache_write_tokens bigint, stated_cost decimal(38,16), stated_currency varchar
    )"""


def deliver(root: Path, seed: int) -> list[DeliveredExport]:
    """Write what logs and tools say of the models in the bills below ``root``, and the truth."""
    delivered: list[DeliveredExport] = []
    with duckdb.connect() as con:
        con.execute("set TimeZone = 'UTC'")
        define_macros(con, seed)
        con.execute(_PLANTED)
        delivered += logs.deliver(con, root)
        delivered += servers.deliver(con, root)
        delivered += gateway.deliver(con, root)
        con.execute(
            "copy (from planted order by all) to "
            f"{literal(root / 'truth' / 'usage_hours.parquet')} (format parquet)"
        )
    return delivered
